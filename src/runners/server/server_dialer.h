// ServerAccess: how a database server is reached, and as whom; ServerDialer: one that an
// administrator has named.
//
// Used by ServerLink, and by app/. Threading: loop thread.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "runners/server/server_address.h"
#include "sql/engine.h"

namespace paddock::runners::server {

/// Of somebody who may do everything there.
struct ServerAccess {
  std::shared_ptr<sql::Dialer> dialer;
  std::string user;
  std::string password;  // in no message
  std::string place;     // for messages
};

class ServerDialer final : public sql::Dialer {
 public:
  explicit ServerDialer(ServerAddress address) : address_(std::move(address)) {}

  /// kUnavailable (nobody answers there, or no such name), kDeadlineExceeded, kCancelled.
  [[nodiscard]] aio::Task<Result<UniqueFd>> Dial(Deadline deadline) override;

 private:
  ServerAddress address_;
};

[[nodiscard]] ServerAccess AccessTo(const ServerAddress& address);

}  // namespace paddock::runners::server
