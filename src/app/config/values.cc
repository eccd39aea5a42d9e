#include "app/config/values.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace paddock::app::config {
namespace {

constexpr std::size_t kShownBytesMax = 64;

bool IsControl(char letter) noexcept {
  constexpr unsigned char kDelete = 0x7F;
  const auto byte = static_cast<unsigned char>(letter);
  return byte < ' ' || byte == kDelete;
}

std::string_view Trimmed(std::string_view text) noexcept {
  constexpr std::string_view kBlanks = " \t";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// All of `text` as one number, or nothing.
template <class Number>
bool Parse(std::string_view text, Number& number) noexcept {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

Result<std::int64_t> ParseInteger(std::string_view text, std::int64_t min, std::int64_t max) {
  std::int64_t number = 0;
  if (!Parse(text, number)) {
    return Fail(Code::kInvalid, fmt::format("must be a whole number between {} and {}", min, max));
  }
  if (number < min || number > max) {
    return Fail(Code::kInvalid, fmt::format("must be between {} and {}", min, max));
  }
  return number;
}

Result<double> ParseNumber(std::string_view text, double min, double max) {
  double number = 0;
  if (!Parse(text, number) || !std::isfinite(number)) {
    return Fail(Code::kInvalid, fmt::format("must be a number between {} and {}", min, max));
  }
  if (number < min || number > max) {
    return Fail(Code::kInvalid, fmt::format("must be between {} and {}", min, max));
  }
  return number;
}

Result<bool> ParseSwitch(std::string_view text) {
  if (text == "on" || text == "true") {
    return true;
  }
  if (text == "off" || text == "false") {
    return false;
  }
  return Fail(Code::kInvalid, "must be on or off");
}

Result<void> CheckText(std::string_view text) {
  if (text.size() > kTextBytesMax) {
    return Fail(Code::kInvalid, fmt::format("must not be longer than {} bytes", kTextBytesMax));
  }
  if (std::ranges::any_of(text, IsControl)) {
    return Fail(Code::kInvalid, "must be one line without control characters");
  }
  return {};
}

Texts SplitList(std::string_view text) {
  Texts items;
  while (!text.empty()) {
    const auto comma = text.find(',');
    const auto item = Trimmed(text.substr(0, comma));
    if (!item.empty()) {
      items.emplace_back(item);
    }
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return items;
}

std::string Printable(std::string_view text) {
  std::string printable(text.substr(0, kShownBytesMax));
  std::ranges::replace_if(printable, IsControl, '?');
  return text.size() > kShownBytesMax ? printable + "..." : printable;
}

}  // namespace paddock::app::config
