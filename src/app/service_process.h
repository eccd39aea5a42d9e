// ServiceProcess: what the runner and the question service have in common as processes of their
// own: how they start, listen and end.
//
// Used by their verbs. Threading: EnterService before any thread exists, the rest on the loop.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>

#include "aio/task.h"
#include "base/result.h"
#include "rpc/remote.h"
#include "rpc/services/service_host.h"

namespace paddock::app {

/// Becomes `user` when it is root, gives up what no service needs, and sets up gRPC. Fails with
/// kNotFound (no such user) or kInternal.
[[nodiscard]] Result<void> EnterService(const std::string& user);

/// Listens, says so in the log as `name`, and answers until SIGTERM or SIGINT. Fails like
/// ServiceHost::Listen.
[[nodiscard]] aio::Task<Result<void>> AnswerUntilStopped(
    rpc::ServiceHost& host,  // outlives the task; is shut down when it ends
    rpc::RemoteAccess access,
    std::string_view name);

/// Runs `serve` on `loop` until it is through. Returns the exit status, and reports a failure as of
/// the verb `verb`.
[[nodiscard]] int RunService(boost::asio::io_context& loop,
                             std::string_view verb,
                             aio::Task<Result<void>> serve);

}  // namespace paddock::app
