#include "gateway/client_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

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

void Identify(Request& request,
              const Peer& peer,
              std::string_view host,
              const IdentityRules& rules) {
  const TrustedProxies& proxies = rules.proxies;
  request.secure = peer.speaks_tls;
  request.remote_address = peer.text;
  if (proxies.Contains(peer.address)) {
    IpAddress client = peer.address;
    std::string_view chain = request.Header("X-Forwarded-For").value_or("");
    while (!chain.empty() && proxies.Contains(client)) {
      const auto before = ParseIpAddress(TakeLast(chain));
      if (!before) {
        break;
      }
      client = *before;
    }
    if (const auto scheme = request.Header("X-Forwarded-Proto")) {
      request.secure = EqualsIgnoreCase(*scheme, "https");
    }
    const auto forwarded_host = request.Header("X-Forwarded-Host");
    if (forwarded_host && IsHost(*forwarded_host)) {
      host = *forwarded_host;
    }
    request.remote_address = client.Text();
  }
  if (!rules.public_origin.empty()) {
    request.origin = rules.public_origin;
    return;
  }
  request.host_is_ours =
      !rules.only_local_names || proxies.Contains(peer.address) || IsLocalName(host);
  // Browsers send Origin in lower case and without the scheme's own port.
  request.origin = request.secure ? "https://" : "http://";
  for (const char c : host) {
    request.origin += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  const std::string_view own_port = request.secure ? ":443" : ":80";
  if (request.origin.ends_with(own_port)) {
    request.origin.resize(request.origin.size() - own_port.size());
  }
}

}  // namespace paddock::gateway
