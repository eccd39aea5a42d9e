// ServerDialer: connects to the database server that an administrator has named.
//
// Used by ServerLink. Threading: loop thread.
#pragma once

#include <utility>

#include "runners/server/server_address.h"
#include "sql/engine.h"

namespace paddock::runners::server {

class ServerDialer final : public sql::Dialer {
 public:
  explicit ServerDialer(ServerAddress address) : address_(std::move(address)) {}

  /// kUnavailable (nobody answers there, or no such name), kDeadlineExceeded, kCancelled.
  [[nodiscard]] aio::Task<Result<UniqueFd>> Dial(Deadline deadline) override;

 private:
  ServerAddress address_;
};

}  // namespace paddock::runners::server
