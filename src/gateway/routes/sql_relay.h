// SqlRelay: one WebSocket of docs/protocol/sql.md and its conversation in the SQL runner.
//
// Used by SqlRoutes. Messages go through as they are; what the runner asks to reach is checked
// against what the caller may, and is handed over as a descriptor.
//
// Threading: loop thread. Ownership: what it refers to outlives it; Run once, to its end. The
// runner is distrusted: it reaches nothing that is not the caller's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>

#include "aio/condition.h"
#include "aio/task_scope.h"
#include "base/unique_fd.h"
#include "databases/registry.h"
#include "gateway/websocket.h"
#include "model/ids.h"
#include "sandbox/manager.h"
#include "sqlrunner/link/dial.h"
#include "sqlrunner/link/framed_socket.h"

namespace paddock::gateway {

/// What the caller of a session may reach.
struct SqlReach {
  sandbox::Manager& manager;
  databases::Registry& registry;
  UserId caller;
  bool registered = false;  // whether registered databases too
};

/// What the runner is told of a registered database.
[[nodiscard]] sqlrunner::ExternalAddress AddressOf(const databases::Dsn& dsn);

class SqlRelay {
 public:
  SqlRelay(const boost::asio::any_io_executor& executor,
           WebSocket& client,
           SqlReach reach,
           UniqueFd runner);

  /// Until either side ends it. The runner's death is told to the client.
  [[nodiscard]] aio::Task<void> Run();

 private:
  [[nodiscard]] aio::Task<void> FromClient();
  [[nodiscard]] aio::Task<void> FromRunner();
  [[nodiscard]] aio::Task<Result<void>> Take(sqlrunner::Frame frame);
  [[nodiscard]] aio::Task<Result<void>> Pass(std::string text);
  [[nodiscard]] aio::Task<void> Answer(sqlrunner::DialRequest request);
  [[nodiscard]] aio::Task<Result<UniqueFd>> Dial(sqlrunner::DialRequest request, Deadline deadline);
  [[nodiscard]] aio::Task<void> Look(sqlrunner::DialRequest request, sqlrunner::DialAnswer& answer);
  [[nodiscard]] aio::Task<Result<sandbox::AgentRef>> FindAgent(SandboxId id, Deadline deadline);
  void HearChange(databases::Change change);
  [[nodiscard]] aio::Task<void> Tell(std::string_view closed);
  void End();

  WebSocket& client_;
  SqlReach reach_;
  sqlrunner::FramedSocket runner_;
  aio::TaskScope scope_;
  aio::Condition changed_;
  std::size_t dial_count_ = 0;  // under way
  databases::Watch watch_;      // of the registered database that the session is with
  bool is_taken_back_ = false;  // that database, and with it the runner's connection
  bool is_over_ = false;
};

}  // namespace paddock::gateway
