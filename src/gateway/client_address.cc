#include "gateway/client_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <ranges>

#include <fmt/format.h>

namespace paddock::gateway {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr int kMappedPrefixBits = 96;
constexpr int kAllBits = 128;

std::string_view Trim(std::string_view text) noexcept {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// The first `bits` bits of `a` and `b` are the same.
bool SamePrefix(const IpAddress& a, const IpAddress& b, int bits) noexcept {
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (!std::equal(a.bytes.begin(), a.bytes.begin() + static_cast<std::ptrdiff_t>(whole),
                  b.bytes.begin())) {
    return false;
  }
  const int rest = bits % 8;
  if (rest == 0) {
    return true;
  }
  const auto mask = static_cast<std::uint8_t>(0xFFU << static_cast<unsigned>(8 - rest));
  return (a.bytes[whole] & mask) == (b.bytes[whole] & mask);
}

/// The last value of a comma-separated list.
std::string_view TakeLast(std::string_view& list) noexcept {
  const auto comma = list.rfind(',');
  const auto begin = comma == std::string_view::npos ? 0 : comma + 1;
  const std::string_view last = Trim(list.substr(begin));
  list = comma == std::string_view::npos ? std::string_view() : list.substr(0, comma);
  return last;
}

/// "localhost", "a.localhost" or an address, each with or without a port.
bool IsLocalName(std::string_view host) noexcept {
  if (host.starts_with('[')) {
    return true;  // an IPv6 address: names have no brackets
  }
  const std::string name(host.substr(0, host.find(':')));
  return EqualsIgnoreCase(name, "localhost") || name.ends_with(".localhost") ||
         ParseIpAddress(name).has_value();
}

bool IsHost(std::string_view text) noexcept {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._-:[]").find(c) != std::string_view::npos;
  });
}

}  // namespace

bool IpAddress::is_v4() const noexcept {
  return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes.begin());
}

std::string IpAddress::Text() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (is_v4()) {
    inet_ntop(AF_INET, bytes.data() + kMappedPrefix.size(), text.data(), text.size());
  } else {
    inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
  }
  return text.data();
}

std::string IpAddress::LimitKey() const {
  if (is_v4()) {
    return Text();
  }
  IpAddress network = *this;
  std::fill(network.bytes.begin() + 8, network.bytes.end(), std::uint8_t{0});
  return network.Text() + "/64";
}

std::optional<IpAddress> ParseIpAddress(std::string_view text) {
  const std::string terminated(text);
  IpAddress address;
  if (inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) == 1) {
    return address;
  }
  std::ranges::copy(kMappedPrefix, address.bytes.begin());
  if (inet_pton(AF_INET, terminated.c_str(), address.bytes.data() + kMappedPrefix.size()) == 1) {
    return address;
  }
  return std::nullopt;
}

IpAddress IpAddressOf(const sockaddr_storage& address) noexcept {
  IpAddress result;
  if (address.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof(v6));
    std::memcpy(result.bytes.data(), &v6.sin6_addr, result.bytes.size());
  } else {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof(v4));
    std::ranges::copy(kMappedPrefix, result.bytes.begin());
    std::memcpy(result.bytes.data() + kMappedPrefix.size(), &v4.sin_addr, sizeof(v4.sin_addr));
  }
  return result;
}

Result<TrustedProxies> TrustedProxies::Parse(const std::vector<std::string>& entries) {
  TrustedProxies proxies;
  for (const std::string& entry : entries) {
    const auto slash = std::min(entry.find('/'), entry.size());
    const auto address = ParseIpAddress(std::string_view(entry).substr(0, slash));
    int bits = address && address->is_v4() ? kAllBits - kMappedPrefixBits : kAllBits;
    bool is_valid = address.has_value();
    if (slash < entry.size()) {
      const char* end = entry.data() + entry.size();
      int given = -1;
      const auto parsed = std::from_chars(entry.data() + slash + 1, end, given);
      is_valid =
          is_valid && parsed.ec == std::errc() && parsed.ptr == end && given >= 0 && given <= bits;
      bits = given;
    }
    if (!is_valid) {
      return Fail(Code::kInvalid, fmt::format("'{}' is no address and no network", entry));
    }
    const int prefix_bits = address->is_v4() ? bits + kMappedPrefixBits : bits;
    proxies.networks_.push_back({.address = *address, .prefix_bits = prefix_bits});
  }
  return proxies;
}

bool TrustedProxies::Contains(const IpAddress& address) const noexcept {
  return std::ranges::any_of(networks_, [&address](const Network& network) {
    return SamePrefix(network.address, address, network.prefix_bits);
  });
}

bool IsLoopback(const IpAddress& address) noexcept {
  return address == ParseIpAddress("::1") ||
         (address.is_v4() && address.bytes[kMappedPrefix.size()] == 127);
}

Peer::Peer(const IpAddress& peer, bool tls, const IdentityRules& rules)
    : address(peer),
      text(peer.Text()),
      limit_key(peer.LimitKey()),
      speaks_tls(tls),
      is_proxy(rules.proxies.Contains(peer)) {}

namespace {

/// The client that a trusted proxy speaks for. Each proxy appends the address it was asked from, in
/// the last line or in one of its own.
IpAddress ClientBehind(const IpAddress& peer,
                       const std::vector<HeaderView>& headers,
                       const TrustedProxies& proxies) {
  IpAddress client = peer;
  for (const HeaderView& header : headers | std::views::reverse) {
    if (!EqualsIgnoreCase(header.name, "X-Forwarded-For")) {
      continue;
    }
    std::string_view chain = header.value;
    while (!chain.empty()) {
      const auto before = ParseIpAddress(TakeLast(chain));
      if (!before) {
        return client;
      }
      client = *before;
      if (!proxies.Contains(client)) {
        return client;
      }
    }
  }
  return client;
}

/// Browsers send Origin in lower case and without the scheme's own port.
void SetOrigin(std::string& origin, bool secure, std::string_view host) {
  origin = secure ? "https://" : "http://";
  for (const char c : host) {
    origin += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  const std::string_view own_port = secure ? ":443" : ":80";
  if (origin.ends_with(own_port)) {
    origin.resize(origin.size() - own_port.size());
  }
}

/// A port of digits or none; the rest was checked by IsHost.
bool HasValidPort(std::string_view host) noexcept {
  const auto name_end = host.starts_with('[') ? host.find(']') : 0;
  const auto colon = name_end == std::string_view::npos ? name_end : host.find(':', name_end);
  if (colon == std::string_view::npos) {
    return name_end != std::string_view::npos;
  }
  std::uint16_t port = 0;
  const char* end = host.data() + host.size();
  const auto parsed = std::from_chars(host.data() + colon + 1, end, port);
  return parsed.ec == std::errc() && parsed.ptr == end && port > 0;
}

void IdentifyBehindProxy(Request& request,
                         const Peer& peer,
                         std::string_view host,
                         const IdentityRules& rules) {
  const IpAddress client = ClientBehind(peer.address, request.headers, rules.proxies);
  request.remote_address = client.Text();
  request.limit_key = client.LimitKey();
  if (const auto scheme = request.Header("X-Forwarded-Proto")) {
    request.secure = EqualsIgnoreCase(*scheme, "https");
  }
  const auto forwarded_host = request.Header("X-Forwarded-Host");
  if (forwarded_host && IsHost(*forwarded_host)) {
    host = *forwarded_host;
  }
  SetOrigin(request.origin, request.secure, host);
}

}  // namespace

Result<std::string> ParseOrigin(std::string_view text) {
  const auto mark = text.find("://");
  const std::string_view scheme = text.substr(0, std::min(mark, text.size()));
  std::string_view host = mark == std::string_view::npos ? "" : text.substr(mark + 3);
  if (host.ends_with('/')) {
    host.remove_suffix(1);
  }
  const bool secure = EqualsIgnoreCase(scheme, "https");
  if ((!secure && !EqualsIgnoreCase(scheme, "http")) || !IsHost(host) || !HasValidPort(host)) {
    return Fail(Code::kInvalid,
                fmt::format("'{}' is no origin: write https://NAME or https://NAME:PORT", text));
  }
  std::string origin;
  SetOrigin(origin, secure, host);
  return origin;
}

void Identify(Request& request, Peer& peer, std::string_view host, const IdentityRules& rules) {
  request.secure = peer.speaks_tls;
  if (peer.is_proxy) {
    IdentifyBehindProxy(request, peer, host, rules);
  } else {
    if (peer.origin.empty() || peer.host != host) {
      peer.host = host;
      SetOrigin(peer.origin, peer.speaks_tls, host);
      peer.host_is_ours = !rules.only_local_names || IsLocalName(host);
    }
    request.remote_address = peer.text;
    request.limit_key = peer.limit_key;
    request.origin = peer.origin;
    request.host_is_ours = peer.host_is_ours;
  }
  if (!rules.public_origin.empty()) {
    request.origin = rules.public_origin;
    request.host_is_ours = true;
  }
}

}  // namespace paddock::gateway
