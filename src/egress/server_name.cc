#include "egress/server_name.h"

#include <boost/asio/ip/address.hpp>

namespace paddock::egress {

void NameServer(SSL* handle, const std::string& host) {
  boost::system::error_code no_address;
  boost::asio::ip::make_address(host, no_address);
  if (!no_address) {
    return;
  }
  // What SSL_set_tlsext_host_name is for, without the cast that g++ refuses. It copies the name.
  std::string name = host;
  SSL_ctrl(handle, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
}

}  // namespace paddock::egress
