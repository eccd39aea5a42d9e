// WorkerProcess: one challenge worker as the pool has it: a child process and the socket to it.
//
// Used by SqliteRunner. Threading: loop thread; one Exchange at a time.
// Ownership: dropping it kills the process. It must not be dropped while a task uses it.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include "aio/process.h"
#include "aio/task.h"
#include "base/result.h"

namespace paddock::runners::sqlite {

class WorkerProcess {
 public:
  using Clock = std::chrono::steady_clock;

  /// Starts `command` with the socket as its standard input, an empty environment and nothing else.
  /// Fails with kExhausted.
  [[nodiscard]] static Result<std::unique_ptr<WorkerProcess>> Spawn(
      boost::asio::any_io_executor executor, const std::vector<std::string>& command);

  WorkerProcess(boost::asio::local::stream_protocol::socket socket, aio::Process process)
      : socket_(std::move(socket)), process_(std::move(process)) {}

  /// Sends all of `bytes`, which outlives the task. Fails with kUnavailable: the worker is gone.
  [[nodiscard]] aio::Task<Result<void>> Send(const std::string& bytes);
  /// The next frame's payload, valid until the next call. Fails with kUnavailable, or kCancelled;
  /// after that it may be called again.
  [[nodiscard]] aio::Task<Result<std::string_view>> Receive();
  /// As much of `bytes` as goes out at once: for a stop, which is short.
  void SendNow(std::string_view bytes) noexcept;

  /// Ends it, now. The exchange that waits for it fails.
  void Kill() const noexcept;
  /// Waits for its end, which closing the socket or Kill brings about.
  [[nodiscard]] aio::Task<void> Bury();

  /// Digests of schemas whose script it has got.
  [[nodiscard]] bool Knows(const std::string& digest) const { return known_.contains(digest); }
  void Learn(const std::string& digest);
  void Forget(const std::string& digest) { known_.erase(digest); }

  // What the pool notes.
  std::string frame;  // the request that it is at
  std::size_t run_count = 0;
  Clock::time_point stop_at = Clock::time_point::max();  // it is asked to stop
  Clock::time_point kill_at = Clock::time_point::max();  // it is killed
  bool is_overdue = false;                               // it was killed at kill_at
  bool is_broken = false;                                // not to be used again

 private:
  boost::asio::local::stream_protocol::socket socket_;
  aio::Process process_;
  std::string received_;
  std::size_t taken_ = 0;
  std::unordered_set<std::string> known_;
};

}  // namespace paddock::runners::sqlite
