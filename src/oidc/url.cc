#include "oidc/url.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include <fmt/format.h>

namespace paddock::oidc {
namespace {

constexpr std::string_view kUnreserved =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
constexpr std::string_view kInPath = "!$&'()*+,;=:@/?%";

std::unexpected<Error> Refusal(std::string_view text) {
  // What is refused may be long or binary, so that only its beginning is shown, in plain letters.
  std::string shown(text.substr(0, 100));
  std::ranges::replace_if(shown, [](char c) { return c < ' ' || c > '~'; }, '?');
  return Fail(
      Code::kInvalid,
      fmt::format("'{}' is no address that can be used: it must be https://host[:port]/path, "
                  "or http:// for a loopback host (localhost, 127.0.0.1, [::1])",
                  shown));
}

bool IsAll(std::string_view text, std::string_view allowed) {
  return text.find_first_not_of(allowed) == std::string_view::npos;
}

bool IsPort(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
  return failure == std::errc() && end == text.data() + text.size() && port > 0;
}

/// Four decimal numbers and nothing that a resolver might read as octal or as fewer parts.
bool IsLoopback4(std::string_view host) {
  int part_count = 0;
  while (true) {
    const std::string_view part = host.substr(0, host.find('.'));
    std::uint8_t value = 0;
    const auto [end, failure] = std::from_chars(part.data(), part.data() + part.size(), value);
    if (failure != std::errc() || end != part.data() + part.size() ||
        (part.size() > 1 && part.front() == '0') || (part_count == 0 && value != 127)) {
      return false;
    }
    ++part_count;
    if (part.size() == host.size()) {
      return part_count == 4;
    }
    host.remove_prefix(part.size() + 1);
  }
}

bool IsLoopback(std::string_view host) {
  return host == "localhost" || host == "[::1]" || IsLoopback4(host);
}

bool IsHost(std::string_view host) {
  if (host.starts_with('[')) {
    return host.size() > 2 && host.ends_with(']') &&
           IsAll(host.substr(1, host.size() - 2), "0123456789abcdef:.");
  }
  return !host.empty() && IsAll(host, "abcdefghijklmnopqrstuvwxyz0123456789-._");
}

}  // namespace

Result<Url> ParseUrl(std::string_view text) {
  Url url;
  for (const std::string_view scheme : {"https", "http"}) {
    if (text.starts_with(scheme) && text.substr(scheme.size()).starts_with("://")) {
      url.scheme = scheme;
      break;
    }
  }
  if (url.scheme.empty() || text.size() > kUrlBytesMax) {
    return Refusal(text);
  }
  const std::string_view rest = text.substr(url.scheme.size() + 3);
  const std::size_t authority_end = std::min(rest.find_first_of("/?"), rest.size());
  url.authority = rest.substr(0, authority_end);
  url.path = rest.substr(authority_end);
  std::ranges::transform(url.authority, url.authority.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  const std::size_t bracket = url.authority.find(']');
  const std::size_t colon = url.authority.find(':', bracket == std::string::npos ? 0 : bracket);
  url.host = url.authority.substr(0, colon);
  url.is_loopback = IsLoopback(url.host);
  const std::string in_path = fmt::format("{}{}", kUnreserved, kInPath);
  if (!IsHost(url.host) || !IsAll(url.path, in_path) ||
      (colon != std::string::npos && !IsPort(std::string_view(url.authority).substr(colon + 1))) ||
      (url.scheme == "http" && !url.is_loopback)) {
    return Refusal(text);
  }
  return url;
}

std::string PercentEncode(std::string_view text) {
  std::string encoded;
  encoded.reserve(text.size() * 3);
  for (const char c : text) {
    if (kUnreserved.find(c) != std::string_view::npos) {
      encoded.push_back(c);
    } else {
      encoded += fmt::format("%{:02X}", static_cast<std::uint8_t>(c));
    }
  }
  return encoded;
}

std::string FormEncode(const Parameters& parameters) {
  std::string form;
  for (const auto& [name, value] : parameters) {
    form += form.empty() ? "" : "&";
    form += PercentEncode(name) + "=" + PercentEncode(value);
  }
  return form;
}

}  // namespace paddock::oidc
