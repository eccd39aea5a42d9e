// WaitFor and SendAll: for sockets that are registered with the loop.
//
// Used by the engines. Threading: loop thread.
#pragma once

#include <string>

#include <boost/asio/posix/stream_descriptor.hpp>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"

namespace paddock::engines {

using Direction = boost::asio::posix::descriptor_base::wait_type;
inline constexpr Direction kReadable = boost::asio::posix::descriptor_base::wait_read;
inline constexpr Direction kWritable = boost::asio::posix::descriptor_base::wait_write;

/// Until it can be read or written. Fails with kDeadlineExceeded or kCancelled. `descriptor`
/// outlives the call.
[[nodiscard]] aio::Task<Result<void>> WaitFor(boost::asio::posix::stream_descriptor& descriptor,
                                              Direction direction,
                                              Deadline deadline);

/// Fails as WaitFor, when a part may have been sent, or with kUnavailable: the other side takes no
/// more. `socket` outlives the call.
[[nodiscard]] aio::Task<Result<void>> SendAll(boost::asio::posix::stream_descriptor& socket,
                                              std::string bytes,
                                              Deadline deadline);

}  // namespace paddock::engines
