// WaitFor: waits until a descriptor that is registered with the loop can be read or written.
//
// Used by the engines. Threading: loop thread.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"

namespace paddock::engines {

using Direction = boost::asio::posix::descriptor_base::wait_type;
inline constexpr Direction kReadable = boost::asio::posix::descriptor_base::wait_read;
inline constexpr Direction kWritable = boost::asio::posix::descriptor_base::wait_write;

/// Fails with kDeadlineExceeded or kCancelled. `descriptor` outlives the call.
[[nodiscard]] aio::Task<Result<void>> WaitFor(boost::asio::posix::stream_descriptor& descriptor,
                                              Direction direction,
                                              Deadline deadline);

}  // namespace paddock::engines
