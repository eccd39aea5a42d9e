#include "forwarding/forward_target.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace paddock::forwarding {
namespace {

bool IsHeaderText(char c) { return c > ' ' && c < '\x7f'; }
bool IsIdLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

/// "host", "host:port", "[::1]:port"
Result<void> SplitAuthority(std::string_view authority, ForwardTarget& target) {
  const auto bracket = authority.starts_with('[') ? authority.find(']') : 0;
  const auto colon = bracket == std::string_view::npos ? bracket : authority.find(':', bracket);
  std::string_view host = authority.substr(0, colon);
  if (bracket == std::string_view::npos) {
    host = {};  // a bracket that nothing closes
  }
  if (host.starts_with('[')) {
    host = host.substr(1, host.size() - 2);
  }
  target.host = host;
  target.port =
      colon == std::string_view::npos ? (target.tls ? "443" : "80") : authority.substr(colon + 1);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (target.host.empty() || target.port.empty() || !std::ranges::all_of(target.port, is_digit) ||
      !std::ranges::all_of(target.host, IsHeaderText)) {
    return Fail(Code::kInvalid, "--server must be http://HOST:PORT or https://HOST:PORT");
  }
  return {};
}

}  // namespace

Result<ForwardTarget> MakeTarget(std::string_view server,
                                 std::string_view sandbox,
                                 std::uint16_t port,
                                 std::string token) {
  ForwardTarget target;
  target.tls = server.starts_with("https://");
  if (!target.tls && !server.starts_with("http://")) {
    return Fail(Code::kInvalid, "--server must begin with http:// or https://");
  }
  server.remove_prefix(server.find("//") + 2);
  auto split = SplitAuthority(server.substr(0, server.find('/')), target);
  if (!split) {
    return Fail(std::move(split).error());
  }
  if (sandbox.empty() || !std::ranges::all_of(sandbox, IsIdLetter)) {
    return Fail(Code::kInvalid, "the sandbox must be named by its id");
  }
  if (token.empty() || !std::ranges::all_of(token, IsHeaderText)) {
    return Fail(Code::kInvalid, "--token must be an API token, which the account's page makes");
  }
  target.path = fmt::format("/api/v1/sandboxes/{}/forward?port={}", sandbox, port);
  target.token = std::move(token);
  return target;
}

}  // namespace paddock::forwarding
