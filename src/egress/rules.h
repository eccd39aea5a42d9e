// Rules: which addresses somebody may reach who names them through this host.
//
// Public ones only, unless an admin allows a network. It is asked about addresses and never about
// names, which may mean something else a moment later: whoever dials, dials what was checked.
// Used by egress/connection.h. Threading: a value; its functions are pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "base/result.h"

namespace paddock::egress {

using Address = boost::asio::ip::address;

/// A prefix of addresses: "10.0.0.0/8", "fd00::/8". An address alone is a network of one.
class Network {
 public:
  /// kInvalid.
  [[nodiscard]] static Result<Network> Parse(std::string_view text);
  /// IPv4 and IPv6 are never the same here: see Plain.
  [[nodiscard]] bool Contains(const Address& address) const;

 private:
  Network(Address base, unsigned bits) : base_(std::move(base)), bits_(bits) {}
  Address base_;
  unsigned bits_;
};

/// The IPv4 address that an IPv6 address stands for (mapped, compatible, NAT64, 6to4), or itself.
[[nodiscard]] Address Plain(const Address& address);

class Rules {
 public:
  Rules() = default;
  /// Networks that are allowed whatever they are. kInvalid.
  [[nodiscard]] static Result<Rules> Allowing(std::span<const std::string> networks);

  /// `own`: the addresses of this host. kDenied, with the kind of address in words for the user.
  [[nodiscard]] Result<void> Check(const Address& address, std::span<const Address> own) const;

 private:
  std::vector<Network> allowed_;
};

/// The addresses of this host's interfaces, as they are now. kUnavailable.
[[nodiscard]] Result<std::vector<Address>> OwnAddresses();

}  // namespace paddock::egress
