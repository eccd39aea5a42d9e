#include "gateway/routes/range.h"

#include <algorithm>
#include <charconv>

namespace paddock::gateway {
namespace {

constexpr std::string_view kUnit = "bytes=";

std::optional<std::uint64_t> ParseNumber(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

std::unexpected<Error> BehindTheEnd() {
  return Fail(Code::kInvalid, "the range begins behind the end");
}

}  // namespace

Result<std::optional<ByteRange>> ParseRange(std::string_view header, std::uint64_t size) {
  if (!header.starts_with(kUnit)) {
    return std::nullopt;
  }
  header.remove_prefix(kUnit.size());
  const auto dash = header.find('-');
  if (dash == std::string_view::npos) {
    return std::nullopt;
  }
  const auto first = ParseNumber(header.substr(0, dash));
  const auto last = ParseNumber(header.substr(dash + 1));
  if (dash == 0 && last) {  // the last so many bytes
    if (*last == 0 || size == 0) {
      return BehindTheEnd();
    }
    const auto length = std::min(*last, size);
    return ByteRange{.first = size - length, .length = length};
  }
  const bool open_end = dash + 1 == header.size();
  if (!first || (!open_end && !last) || (last && *last < *first)) {
    return std::nullopt;
  }
  if (*first >= size) {
    return BehindTheEnd();
  }
  const auto end = open_end ? size - 1 : std::min(*last, size - 1);
  return ByteRange{.first = *first, .length = end - *first + 1};
}

}  // namespace paddock::gateway
