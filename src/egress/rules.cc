#include "egress/rules.h"

#include <ifaddrs.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace paddock::egress {
namespace {

namespace ip = boost::asio::ip;

constexpr unsigned kByteBits = 8;
constexpr std::size_t kV4Bytes = 4;
constexpr unsigned kV6Bits = 128;

struct Range {
  std::string_view network;
  std::string_view kind;
};

// The registries of special addresses (RFC 6890 and its successors), and what clouds answer at.
constexpr auto kClosed = std::to_array<Range>({
    {"0.0.0.0/8", "unspecified"},
    {"10.0.0.0/8", "private"},
    {"100.64.0.0/10", "shared by carriers"},
    {"127.0.0.0/8", "loopback"},
    {"168.63.129.16", "a metadata service"},
    {"169.254.0.0/16", "link-local"},
    {"172.16.0.0/12", "private"},
    {"192.0.0.0/24", "reserved"},
    {"192.0.2.0/24", "reserved"},
    {"192.88.99.0/24", "reserved"},
    {"192.168.0.0/16", "private"},
    {"198.18.0.0/15", "reserved"},
    {"198.51.100.0/24", "reserved"},
    {"203.0.113.0/24", "reserved"},
    {"224.0.0.0/4", "multicast"},
    {"240.0.0.0/4", "reserved"},
    {"::", "unspecified"},
    {"::1", "loopback"},
    {"fc00::/7", "private"},
    {"fe80::/10", "link-local"},
    {"fec0::/10", "private"},
    {"ff00::/8", "multicast"},
    {"2001::/23", "reserved"},
    {"2001:db8::/32", "reserved"},
    {"3fff::/20", "reserved"},
});
/// Of IPv6, what is outside was never given out.
constexpr std::string_view kGlobalV6 = "2000::/3";

using Bytes = std::vector<unsigned char>;

Bytes BytesOf(const Address& address) {
  if (address.is_v4()) {
    const auto bytes = address.to_v4().to_bytes();
    return {bytes.begin(), bytes.end()};
  }
  const auto bytes = address.to_v6().to_bytes();
  return {bytes.begin(), bytes.end()};
}

bool IsIn(const Address& address, std::string_view network) {
  const auto parsed = Network::Parse(network);
  return parsed && parsed->Contains(address);
}

Address V4From(const Bytes& bytes, std::size_t begin) {
  ip::address_v4::bytes_type plain{};
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(begin), kV4Bytes, plain.begin());
  return ip::address_v4(plain);
}

std::unexpected<Error> Denied(std::string_view kind) {
  return Fail(
      Code::kDenied,
      fmt::format("The address is not one that may be reached from this server ({}).", kind));
}

struct FreeInterfaces {
  void operator()(ifaddrs* interfaces) const noexcept { freeifaddrs(interfaces); }
};

std::optional<Address> AddressOf(const sockaddr* address) {
  if (address != nullptr && address->sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, address, sizeof v4);
    return ip::address_v4(ntohl(v4.sin_addr.s_addr));
  }
  if (address != nullptr && address->sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, address, sizeof v6);
    ip::address_v6::bytes_type bytes{};
    std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
    return ip::address_v6(bytes);
  }
  return std::nullopt;
}

}  // namespace

Result<Network> Network::Parse(std::string_view text) {
  const auto slash = text.find('/');
  boost::system::error_code failure;
  const Address base = ip::make_address(text.substr(0, slash), failure);
  const unsigned most = base.is_v4() ? unsigned{kV4Bytes} * kByteBits : kV6Bits;
  unsigned bits = most;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const char* const begin = digits.data();
    const char* const end = begin + digits.size();
    const auto read = std::from_chars(begin, end, bits);
    if (digits.empty() || read.ec != std::errc() || read.ptr != end) {
      bits = most + 1;
    }
  }
  if (failure || bits > most) {
    return Fail(Code::kInvalid,
                fmt::format("'{}' is no network: write it as 10.1.0.0/16 or fd00::/8", text));
  }
  return Network(base, bits);
}

bool Network::Contains(const Address& address) const {
  if (address.is_v4() != base_.is_v4()) {
    return false;
  }
  const Bytes mine = BytesOf(base_);
  const Bytes other = BytesOf(address);
  for (unsigned bit = 0; bit < bits_; ++bit) {
    const unsigned mask = 0x80U >> bit % kByteBits;
    if (((mine.at(bit / kByteBits) ^ other.at(bit / kByteBits)) & mask) != 0) {
      return false;
    }
  }
  return true;
}

Address Plain(const Address& address) {
  constexpr std::size_t kLastFour = 12;
  constexpr std::size_t kAfterPrefix = 2;
  if (address.is_v4()) {
    return address;
  }
  const ip::address_v6 bare(address.to_v6().to_bytes());  // without a scope
  const Bytes bytes = BytesOf(bare);
  if (bare.is_unspecified() || bare.is_loopback()) {
    return bare;
  }
  for (const std::string_view wrapper : {"::ffff:0:0/96", "::/96", "64:ff9b::/96"}) {
    if (IsIn(bare, wrapper)) {
      return V4From(bytes, kLastFour);
    }
  }
  if (IsIn(bare, "2002::/16")) {
    return V4From(bytes, kAfterPrefix);
  }
  return bare;
}

Result<Rules> Rules::Allowing(std::span<const std::string> networks) {
  Rules rules;
  for (const std::string& text : networks) {
    auto network = Network::Parse(text);
    if (!network) {
      return Fail(std::move(network).error());
    }
    rules.allowed_.push_back(*std::move(network));
  }
  return rules;
}

Result<void> Rules::Check(const Address& address, std::span<const Address> own) const {
  const Address plain = Plain(address);
  if (std::ranges::any_of(allowed_, [&](const Network& each) { return each.Contains(plain); })) {
    return {};
  }
  for (const Range& range : kClosed) {
    if (IsIn(plain, range.network)) {
      return Denied(range.kind);
    }
  }
  if (plain.is_v6() && !IsIn(plain, kGlobalV6)) {
    return Denied("reserved");
  }
  if (std::ranges::any_of(own, [&](const Address& each) { return Plain(each) == plain; })) {
    return Denied("this host's own");
  }
  return {};
}

Result<std::vector<Address>> OwnAddresses() {
  ifaddrs* first = nullptr;
  if (getifaddrs(&first) != 0) {
    return Fail(Code::kUnavailable,
                fmt::format("this host's addresses: {}", strerrordesc_np(errno)));
  }
  const std::unique_ptr<ifaddrs, FreeInterfaces> interfaces(first);
  std::vector<Address> own;
  for (const ifaddrs* each = first; each != nullptr; each = each->ifa_next) {
    if (auto address = AddressOf(each->ifa_addr)) {
      own.push_back(*std::move(address));
    }
  }
  return own;
}

}  // namespace paddock::egress
