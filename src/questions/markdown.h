// Markdown: what authors write, as HTML that is safe to show.
//
// GitHub's dialect with tables, strikethrough and plain links; no raw HTML and no links that run
// scripts come out. Used by the gateway's answers. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace paddock::questions {

/// A longer text, or one whose HTML would be longer, is shown as it was written.
inline constexpr std::size_t kMarkdownRenderMax = std::size_t{64} << 10U;
inline constexpr std::size_t kHtmlBytesMax = std::size_t{1} << 20U;

[[nodiscard]] std::string ToHtml(std::string_view markdown);

}  // namespace paddock::questions
