// UnixDialer: dials a server's Unix socket.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <filesystem>
#include <utility>

#include "sql/engine.h"

namespace paddock::testing {

class UnixDialer final : public sql::Dialer {
 public:
  explicit UnixDialer(std::filesystem::path path) : path_(std::move(path)) {}

  aio::Task<Result<UniqueFd>> Dial(Deadline /*deadline*/) override {
    ++dial_count;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.native().copy(static_cast<char*>(address.sun_path), sizeof(address.sun_path) - 1);
    UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto* generic = reinterpret_cast<const sockaddr*>(&address);
    if (connect(socket.get(), generic, sizeof(address)) != 0) {
      co_return Fail(Code::kUnavailable, "nobody listens at " + path_.native());
    }
    co_return socket;
  }

  int dial_count = 0;

 private:
  std::filesystem::path path_;
};

}  // namespace paddock::testing
