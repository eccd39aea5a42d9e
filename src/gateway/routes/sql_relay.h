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

#include <boost/asio/any_io_executor.hpp>

#include "aio/condition.h"
#include "aio/task_scope.h"
#include "base/unique_fd.h"
#include "gateway/websocket.h"
#include "model/ids.h"
#include "sandbox/manager.h"
#include "sqlrunner/link/dial.h"
#include "sqlrunner/link/framed_socket.h"

namespace paddock::gateway {

class SqlRelay {
 public:
  SqlRelay(const boost::asio::any_io_executor& executor,
           WebSocket& client,
           sandbox::Manager& manager,
           UserId caller,
           UniqueFd runner);

  /// Until either side ends it. The runner's death is told to the client.
  [[nodiscard]] aio::Task<void> Run();

 private:
  [[nodiscard]] aio::Task<void> FromClient();
  [[nodiscard]] aio::Task<void> FromRunner();
  [[nodiscard]] aio::Task<Result<void>> Take(sqlrunner::Frame frame);
  [[nodiscard]] aio::Task<void> Answer(sqlrunner::DialRequest request);
  [[nodiscard]] aio::Task<Result<UniqueFd>> Dial(sqlrunner::DialRequest request, Deadline deadline);
  [[nodiscard]] aio::Task<Result<sandbox::AgentRef>> FindAgent(SandboxId id, Deadline deadline);
  [[nodiscard]] aio::Task<void> TellDeath();
  void End();

  WebSocket& client_;
  sandbox::Manager& manager_;
  UserId caller_;
  sqlrunner::FramedSocket runner_;
  aio::TaskScope scope_;
  aio::Condition changed_;
  std::size_t dial_count_ = 0;  // under way
  bool is_over_ = false;
};

}  // namespace paddock::gateway
