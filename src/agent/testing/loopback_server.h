// LoopbackServer: a TCP server for forwards to reach, at a port of its own.
//
// Used by the tests of forwards, here and in tests/agent. Threading: any. Ownership: of its socket.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>

#include <gtest/gtest.h>

#include "base/unique_fd.h"

namespace paddock::agent::testing {

class LoopbackServer {
 public:
  LoopbackServer() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(listener_.get(), generic, size), 0);
    EXPECT_EQ(listen(listener_.get(), 1), 0);
    EXPECT_EQ(getsockname(listener_.get(), generic, &size), 0);
    port_ = ntohs(address.sin_port);
  }

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  /// Waits for the next client.
  [[nodiscard]] UniqueFd Accept() const {
    return UniqueFd(accept(listener_.get(), nullptr, nullptr));
  }
  /// Nobody listens there any more.
  void Close() { listener_.Reset(); }

 private:
  UniqueFd listener_;
  std::uint16_t port_ = 0;
};

}  // namespace paddock::agent::testing
