#include "gateway/target.h"

#include <algorithm>
#include <optional>

#include "base/utf8.h"

namespace paddock::gateway {
namespace {

constexpr std::size_t kQueryCountMax = 32;

int HexDigit(char c) noexcept {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  if (c >= 'A' && c <= 'F') {
    return c - 'A' + 10;
  }
  return -1;
}

bool HasControl(std::string_view text) noexcept {
  return std::ranges::any_of(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == '\x7F'; });
}

/// nullopt: not valid. In a query, '+' is a space, as forms send it.
std::optional<std::string> Decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += plus_is_space && text[i] == '+' ? ' ' : text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
    const int low = high >= 0 ? HexDigit(text[i + 2]) : -1;
    if (low < 0) {
      return std::nullopt;
    }
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  if (decoded.find('\0') != std::string::npos || !IsValidUtf8(decoded)) {
    return std::nullopt;
  }
  return decoded;
}

/// Nearly every path: nothing encoded, and nothing that must be refused. "/." may begin a "..".
bool IsPlainPath(std::string_view raw) noexcept {
  char before = '\0';
  for (const char c : raw) {
    const bool is_plain = c > ' ' && c < '\x7F' && c != '%' && c != '\\';
    if (!is_plain || (before == '/' && (c == '/' || c == '.'))) {
      return false;
    }
    before = c;
  }
  return true;
}

Result<std::string> DecodePath(std::string_view raw) {
  if (IsPlainPath(raw)) {
    return std::string(raw);
  }
  std::string path;
  path.reserve(raw.size());
  while (!raw.empty()) {
    raw.remove_prefix(1);  // the '/'
    const auto end = std::min(raw.find('/'), raw.size());
    const auto segment = Decode(raw.substr(0, end), false);
    raw.remove_prefix(end);
    if (!segment || HasControl(*segment) || segment->find_first_of("/\\") != std::string::npos) {
      return Fail(Code::kInvalid, "the path is not valid");
    }
    if (*segment == "." || *segment == ".." || (segment->empty() && !raw.empty())) {
      return Fail(Code::kInvalid, "the path must be given without '.', '..' and '//'");
    }
    path += '/';
    path += *segment;
  }
  return path;
}

}  // namespace

Result<Target> DecodeTarget(std::string_view target) {
  if (target.empty() || target.front() != '/' || target.find('#') != std::string_view::npos) {
    return Fail(Code::kInvalid, "the request target must start with '/'");
  }
  const auto mark = std::min(target.find('?'), target.size());
  auto path = DecodePath(target.substr(0, mark));
  if (!path) {
    return Fail(std::move(path).error());
  }
  Target decoded{.path = *std::move(path), .query = {}};
  std::string_view rest = target.substr(std::min(mark + 1, target.size()));
  while (!rest.empty()) {
    const auto end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (pair.empty()) {
      continue;
    }
    const auto equals = std::min(pair.find('='), pair.size());
    auto name = Decode(pair.substr(0, equals), true);
    auto value = Decode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!name || !value || decoded.query.size() == kQueryCountMax) {
      return Fail(Code::kInvalid, "the query is not valid");
    }
    const auto is_same = [&name](const auto& known) { return known.first == *name; };
    if (std::ranges::any_of(decoded.query, is_same)) {
      return Fail(Code::kInvalid, "the query gives a parameter twice");
    }
    decoded.query.emplace_back(*std::move(name), *std::move(value));
  }
  return decoded;
}

}  // namespace paddock::gateway
