#include "questions/markdown.h"

#include <array>
#include <cstdlib>
#include <memory>

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>

namespace paddock::questions {
namespace {

// Safe mode is what the library does unless it is told otherwise.
constexpr int kOptions = CMARK_OPT_DEFAULT | CMARK_OPT_VALIDATE_UTF8;
constexpr std::array<const char*, 3> kExtensions{"table", "strikethrough", "autolink"};

using Parser = std::unique_ptr<cmark_parser, decltype(&cmark_parser_free)>;
using Document = std::unique_ptr<cmark_node, decltype(&cmark_node_free)>;
using Html = std::unique_ptr<char, decltype(&std::free)>;

/// As the library does with text: for what is not rendered.
std::string Escaped(std::string_view text) {
  std::string html = "<pre>";
  for (const char c : text) {
    switch (c) {
      case '&': html += "&amp;"; break;
      case '<': html += "&lt;"; break;
      case '>': html += "&gt;"; break;
      case '"': html += "&quot;"; break;
      default: html += c;
    }
  }
  return html + "</pre>\n";
}

}  // namespace

std::string ToHtml(std::string_view markdown) {
  if (markdown.empty()) {
    return {};
  }
  if (markdown.size() > kMarkdownRenderMax) {
    return Escaped(markdown);
  }
  cmark_gfm_core_extensions_ensure_registered();
  const Parser parser(cmark_parser_new(kOptions), &cmark_parser_free);
  for (const char* const name : kExtensions) {
    if (auto* const extension = cmark_find_syntax_extension(name); extension != nullptr) {
      cmark_parser_attach_syntax_extension(parser.get(), extension);
    }
  }
  cmark_parser_feed(parser.get(), markdown.data(), markdown.size());
  const Document document(cmark_parser_finish(parser.get()), &cmark_node_free);
  cmark_llist* const extensions = cmark_parser_get_syntax_extensions(parser.get());
  const Html html(cmark_render_html(document.get(), kOptions, extensions), &std::free);
  const std::string_view text(html.get());
  return text.size() > kHtmlBytesMax ? Escaped(markdown) : std::string(text);
}

}  // namespace paddock::questions
