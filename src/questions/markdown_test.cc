#include "questions/markdown.h"

#include <gtest/gtest.h>

namespace paddock::questions {
namespace {

TEST(Markdown, BecomesHtml) {
  EXPECT_EQ(ToHtml("Which **cities**?"), "<p>Which <strong>cities</strong>?</p>\n");
  EXPECT_NE(ToHtml("| a |\n|---|\n| 1 |\n").find("<table>"), std::string::npos);
  EXPECT_EQ(ToHtml(""), "");
}

TEST(Markdown, NoScriptComesOutOfIt) {
  for (const std::string_view text :
       {"<script>alert(1)</script>", "a <img src=x onerror=alert(1)> b", "[x](javascript:alert(1))",
        "[x](data:text/html;base64,AAAA)", "<a href='javascript:a'>x</a>",
        "[x]( JaVaScRiPt:alert(1))", "![x](javascript:alert(1))", "<javascript:alert(1)>"}) {
    const std::string html = ToHtml(text);
    EXPECT_EQ(html.find("<script"), std::string::npos) << html;
    EXPECT_EQ(html.find("onerror="), std::string::npos) << html;
    EXPECT_EQ(html.find("href=\"javascript"), std::string::npos) << html;
    EXPECT_EQ(html.find("src=\"javascript"), std::string::npos) << html;
    EXPECT_EQ(html.find("href=\"data"), std::string::npos) << html;
  }
}

TEST(Markdown, WhatIsTooLongIsShownAsItIs) {
  const std::string html = ToHtml(std::string(kMarkdownRenderMax + 1, '<'));
  EXPECT_TRUE(html.starts_with("<pre>&lt;&lt;"));
}

}  // namespace
}  // namespace paddock::questions
