// Who is asking: addresses, trusted proxies, and our own origin as a client sees it.
//
// Used by the server and its connections. Pure once made; loop thread.
#pragma once

#include <netinet/in.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gateway/http.h"

namespace paddock::gateway {

/// An IPv6 address; IPv4 is mapped (::ffff:1.2.3.4).
struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};
  [[nodiscard]] bool is_v4() const noexcept;
  /// "1.2.3.4" or "2001:db8::1".
  [[nodiscard]] std::string Text() const;
  /// What limits count by: an IPv4 address, or the /64 of an IPv6 one, which is one customer.
  [[nodiscard]] std::string LimitKey() const;
  friend bool operator==(const IpAddress&, const IpAddress&) = default;
};

[[nodiscard]] std::optional<IpAddress> ParseIpAddress(std::string_view text);
/// The address in a sockaddr_in or sockaddr_in6.
[[nodiscard]] IpAddress IpAddressOf(const sockaddr_storage& address) noexcept;

class TrustedProxies {
 public:
  /// Each "10.0.0.1", "10.0.0.0/8" or "fd00::/8". kInvalid names the entry.
  [[nodiscard]] static Result<TrustedProxies> Parse(const std::vector<std::string>& entries);
  [[nodiscard]] bool Contains(const IpAddress& address) const noexcept;

 private:
  struct Network {
    IpAddress address;
    int prefix_bits = 128;
  };
  std::vector<Network> networks_;
};

struct IdentityRules;

/// Whom a connection was accepted from. What is true of all its requests is made once, because it
/// would cost more than parsing them.
class Peer {
 public:
  Peer(const IpAddress& peer, bool tls, const IdentityRules& rules);

  IpAddress address;
  std::string text;
  std::string limit_key;
  bool speaks_tls = false;
  bool is_proxy = false;  // a trusted one

  // Of the last request, for the next with the same Host.
  std::string host;
  std::string origin;
  bool host_is_ours = false;
};

/// "https://Paddock.example:443/" as browsers write it in Origin: "https://paddock.example".
/// kInvalid: no http(s) scheme, no host, or something behind it.
[[nodiscard]] Result<std::string> ParseOrigin(std::string_view text);

struct IdentityRules {
  TrustedProxies proxies;
  std::string public_origin;  // empty: made from each request's Host
  // On a loopback address a page of another site can reach us under its own name, if that name's
  // server answers 127.0.0.1 (DNS rebinding); then only addresses and localhost are our names.
  bool only_local_names = false;
};

/// Sets remote_address, limit_key, secure, origin and host_is_ours of `request`. X-Forwarded-For,
/// -Proto and -Host count only when `peer` is trusted; For is read from the last line and its right
/// end on, up to the first address that is not trusted.
void Identify(Request& request, Peer& peer, std::string_view host, const IdentityRules& rules);

[[nodiscard]] bool IsLoopback(const IpAddress& address) noexcept;

}  // namespace paddock::gateway
