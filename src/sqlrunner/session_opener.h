// OpenSession: from what a client names to a session with its database.
//
// Used by Conversation. A database in a sandbox is dialled by the server; a registered one here,
// after its addresses were checked, and only through a role that cannot write.
// Threading: loop thread.
#pragma once

#include <map>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "aio/task.h"
#include "aio/task_scope.h"
#include "base/deadline.h"
#include "base/result.h"
#include "egress/rules.h"
#include "sql/engine.h"
#include "sqlrunner/client_channel.h"
#include "sqlrunner/client_message.h"

namespace paddock::sqlrunner {

/// Those that there are; they outlive every session.
using Engines = std::map<sql::Dialect, sql::Engine*>;

struct OpenContext {
  boost::asio::any_io_executor executor;
  const Engines& engines;
  ClientChannel& channel;       // outlives the session
  const egress::Rules& egress;  // for registered databases
  aio::TaskScope& relays;       // of what they need; outlives the session
};

struct OpenOutcome {
  std::unique_ptr<sql::Session> session;
  sql::Dialect dialect = sql::Dialect::kPostgres;
  std::shared_ptr<sql::Dialer> dialer;
  std::string database;
  std::string user;
  bool read_only = false;
};

/// Fails like ClientChannel::Dial and sql::Engine::Open; with kInvalid when there is no such
/// engine; with kDenied when a registered database is not to be reached, or its user may write.
[[nodiscard]] aio::Task<Result<OpenOutcome>> OpenSession(OpenContext context,
                                                         OpenMessage open,
                                                         Deadline deadline);

}  // namespace paddock::sqlrunner
