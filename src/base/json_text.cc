#include "base/json_text.h"

#include <algorithm>
#include <array>

#include "base/utf8.h"

namespace paddock {

namespace {

/// True for what stands in JSON as it is, byte for byte.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t byte = 0x20; byte < 0x80; ++byte) {
    plain[byte] = byte != '"' && byte != '\\';
  }
  return plain;
}();

bool IsPlain(char c) noexcept { return kPlain[static_cast<unsigned char>(c)]; }

/// The letter of a control character that has a short escape, else 0.
constexpr char ShortEscape(char control) noexcept {
  switch (control) {
    case '\b': return 'b';
    case '\f': return 'f';
    case '\n': return 'n';
    case '\r': return 'r';
    case '\t': return 't';
    default: return '\0';
  }
}

/// "\n", "\u0000". By table, because a program's output may be nothing else.
void AppendControl(std::string& out, char control) {
  if (const char letter = ShortEscape(control); letter != '\0') {
    out += {'\\', letter};
    return;
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(control);
  const std::array<char, 6> escape{'\\', 'u', '0', '0', kDigits[byte >> 4U], kDigits[byte & 0xFU]};
  out.append(escape.data(), escape.size());
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
      AppendControl(out, first);
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out += '"';
}

std::size_t LongEscapeCount(std::string_view text) noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) {
    return static_cast<unsigned char>(c) < 0x20U && ShortEscape(c) == '\0';
  }));
}

}  // namespace paddock
