#include "gateway/json_text.h"

#include <algorithm>

#include <fmt/format.h>

#include "gateway/utf8.h"

namespace paddock::gateway {

namespace {

bool IsPlain(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20U && byte < 0x80U && c != '"' && c != '\\';
}

}  // namespace

void AppendJsonText(std::string& out, std::string_view text) {
  out += '"';
  for (;;) {
    // Nearly all text needs no care, so it goes in whole runs.
    const auto plain = std::ranges::find_if_not(text, IsPlain);
    const auto run = static_cast<std::size_t>(plain - text.begin());
    out += text.substr(0, run);
    text.remove_prefix(run);
    if (text.empty()) {
      break;
    }
    const std::size_t length = Utf8CharacterLength(text);
    const char first = text.front();
    if (length == 0) {
      out += "\\ufffd";
    } else if (first == '"' || first == '\\') {
      out += '\\';
      out += first;
    } else if (static_cast<unsigned char>(first) < 0x20U) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(first));
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out += '"';
}

}  // namespace paddock::gateway
