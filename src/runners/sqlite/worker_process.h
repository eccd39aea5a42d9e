// WorkerProcess: one challenge worker as the pool has it: a child process, the socket to it, and
// the runs that it has been sent, of which it is at the first.
//
// Used by SqliteRunner. Threading: loop thread; one task reads, and one sends what did not go out
// at once. Ownership: shared by the pool and its tasks; dropping the last kills the process.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include "aio/process.h"
#include "aio/task.h"
#include "base/result.h"
#include "runners/sqlite/ticket.h"

namespace paddock::runners::sqlite {

class WorkerProcess {
 public:
  using Clock = std::chrono::steady_clock;

  /// Starts `command` with the socket as its standard input, an empty environment and nothing else.
  /// Fails with kExhausted.
  [[nodiscard]] static Result<std::shared_ptr<WorkerProcess>> Spawn(
      boost::asio::any_io_executor executor, const std::vector<std::string>& command);

  WorkerProcess(boost::asio::local::stream_protocol::socket socket, aio::Process process)
      : socket_(std::move(socket)), process_(std::move(process)) {}

  /// The next whole frame's payload, valid until the next call; nothing when more has to be read.
  /// Fails with kUnavailable: no sound worker says that.
  [[nodiscard]] Result<std::optional<std::string_view>> NextFrame();
  /// Reads some more. Fails with kUnavailable: the worker is gone.
  [[nodiscard]] aio::Task<Result<void>> Read();

  /// Where frames to the worker are appended.
  [[nodiscard]] std::string& outgoing() noexcept { return outgoing_; }
  /// Sends as much of it as goes out at once. False: the worker is gone.
  [[nodiscard]] bool Send() noexcept;
  /// Sends the rest, as the worker takes it.
  [[nodiscard]] aio::Task<void> SendRest();

  /// Ends it, now. Whoever reads from it finds out.
  void Kill() const noexcept;
  /// Waits for its end, which closing the socket or Kill brings about.
  [[nodiscard]] aio::Task<void> Bury();

  /// Digests of schemas whose script it has been sent.
  [[nodiscard]] bool Knows(const std::string& digest) const { return known_.contains(digest); }
  void Learn(const std::string& digest);
  void Forget(const std::string& digest) { known_.erase(digest); }

  // What the pool notes.
  std::deque<SentRun> runs;
  std::size_t run_count = 0;
  Clock::time_point begun_at;                            // the first of `runs`, about
  Clock::time_point kill_at = Clock::time_point::max();  // it is killed
  bool is_ready = false;                                 // it has said hello
  bool is_flush_due = false;
  bool is_sending = false;  // SendRest goes on
  bool is_overdue = false;  // it was killed at kill_at
  bool is_broken = false;   // not to be used again
  bool is_closed = false;

 private:
  boost::asio::local::stream_protocol::socket socket_;
  aio::Process process_;
  std::array<char, std::size_t{16} * 1024> space_{};
  std::string received_;
  std::size_t taken_ = 0;
  std::string outgoing_;
  std::string sending_;
  std::unordered_set<std::string> known_;
};

}  // namespace paddock::runners::sqlite
