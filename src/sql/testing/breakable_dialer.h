// BreakableDialer: dials as another does, and can cut every connection that it has dialled.
#pragma once

#include <fcntl.h>
#include <sys/socket.h>

#include <memory>
#include <utility>
#include <vector>

#include "sql/engine.h"

namespace paddock::sql::testing {

class BreakableDialer final : public Dialer {
 public:
  explicit BreakableDialer(std::shared_ptr<Dialer> dialer) : dialer_(std::move(dialer)) {}

  aio::Task<Result<UniqueFd>> Dial(Deadline deadline) override {
    auto dialled = co_await dialer_->Dial(deadline);
    if (dialled) {
      copies_.emplace_back(fcntl(dialled->get(), F_DUPFD_CLOEXEC, 3));
    }
    co_return dialled;
  }

  /// Both sides find their connection closed.
  void Break() {
    for (const UniqueFd& copy : copies_) {
      (void)shutdown(copy.get(), SHUT_RDWR);
    }
    copies_.clear();
  }

 private:
  std::shared_ptr<Dialer> dialer_;
  std::vector<UniqueFd> copies_;
};

/// Always dials the same peer: what a test has written there is what it says.
class ScriptedDialer final : public Dialer {
 public:
  /// `says` is sent at once, and nothing after it.
  ScriptedDialer(std::string says, bool closes) : says_(std::move(says)), closes_(closes) {}

  aio::Task<Result<UniqueFd>> Dial(Deadline /*deadline*/) override {
    int ends[2] = {-1, -1};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) {
      co_return Fail(Code::kExhausted, "no more sockets");
    }
    UniqueFd peer(ends[1]);
    (void)send(peer.get(), says_.data(), says_.size(), MSG_NOSIGNAL);
    if (closes_) {
      (void)shutdown(peer.get(), SHUT_WR);
    }
    peers_.push_back(std::move(peer));
    co_return UniqueFd(ends[0]);
  }

 private:
  std::string says_;
  bool closes_;
  std::vector<UniqueFd> peers_;
};

}  // namespace paddock::sql::testing
