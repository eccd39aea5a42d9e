// Serve: answers reads on one connection that cannot write.
//
// Used by SqliteDatabase. Threading: runs on a thread of its own; several share one queue.
// Ownership: outlived by connection, queue and executor.
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include "stores/sqlite/call.h"
#include "stores/sqlite/connection.h"

namespace paddock::stores::sqlite {

/// Returns once the queue is closed and empty.
void Serve(Connection& connection, CallQueue& queue, const boost::asio::any_io_executor& executor);

}  // namespace paddock::stores::sqlite
