// Startup: opens a session of a PostgreSQL server, through libpq, which knows how to authenticate.
//
// libpq is let go as soon as the session is there: from then on the rows of a learner's statement
// are read by Wire, which holds them to a limit. Used by PostgresEngine and for KWDB's cancelling.
// Threading: loop thread. Ownership: the descriptor is the caller's.
#pragma once

#include <filesystem>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "sql/engine.h"

namespace paddock::engines::postgres {

/// Where an engine works: both outlive its sessions.
struct Workplace {
  std::filesystem::path directory;           // for sockets, the user's own
  boost::asio::thread_pool* pool = nullptr;  // for the one call of libpq that blocks
};

struct Opened {
  UniqueFd socket;
  std::string server_version;  // "15.13 (Debian …)"
  std::string kwdb_version;    // of KWDB only
  std::string cancel_request;  // what to send over another connection; empty: there is no such way
};

/// Fails as Engine::Open.
[[nodiscard]] aio::Task<Result<Opened>> StartUp(sql::OpenSpec spec,
                                                UniqueFd dialled,
                                                Workplace workplace,
                                                Deadline deadline);

/// Of what libpq says about a connection that failed: the server's words, or libpq's without our
/// private path; and the Code for its SQLSTATE.
[[nodiscard]] Error StartUpFailure(std::string_view text, bool needs_password);

}  // namespace paddock::engines::postgres
