#include "app/listen_address.h"

#include <charconv>

#include <boost/asio/ip/address.hpp>

namespace paddock::app {

namespace ip = boost::asio::ip;

Result<ListenAddress> ParseListenAddress(std::string_view text) {
  const auto colon = text.rfind(':');
  std::uint16_t port = 0;
  const auto digits = colon == std::string_view::npos ? text : text.substr(colon + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (colon == std::string_view::npos || digits.empty() || error != std::errc() ||
      end != digits.data() + digits.size()) {
    return Fail(Code::kInvalid, "must be ADDRESS:PORT");
  }
  auto address = text.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) {
    address = address.substr(1, address.size() - 2);
  } else if (address.contains(':')) {
    return Fail(Code::kInvalid, "an IPv6 address is written [ADDRESS]:PORT");
  }
  if (address == "localhost") {
    address = "127.0.0.1";
  }
  ListenAddress listen{.address = std::string(address.empty() ? "0.0.0.0" : address), .port = port};
  boost::system::error_code failure;
  ip::make_address(listen.address, failure);
  if (failure) {
    return Fail(Code::kInvalid, "must be ADDRESS:PORT, with an IP address of this host");
  }
  return listen;
}

bool IsLoopback(const std::string& address) {
  boost::system::error_code failure;
  const auto parsed = ip::make_address(address, failure);
  if (failure) {
    return false;
  }
  if (parsed.is_v6() && parsed.to_v6().is_v4_mapped()) {
    return ip::make_address_v4(ip::v4_mapped, parsed.to_v6()).is_loopback();
  }
  return parsed.is_loopback();
}

}  // namespace paddock::app
