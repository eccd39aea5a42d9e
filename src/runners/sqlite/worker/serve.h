// ServeChallenges: the whole of a worker's life.
//
// Used by `paddock challenge-worker`, and by tests that want a worker of their own kind.
#pragma once

#include <string>

#include "runners/sqlite/protocol/messages.h"
#include "runners/sqlite/worker/frame_source.h"
#include "runners/sqlite/worker/run_clock.h"
#include "runners/sqlite/worker/schema_shelf.h"

namespace paddock::runners::sqlite {

/// Where a worker finds its socket.
inline constexpr int kWorkerSocket = 0;

/// What a worker does between two frames. Threading: one thread, one of these a process.
class Worker {
 public:
  /// `stops` outlives it.
  explicit Worker(FrameSource* stops = nullptr) : clock_(stops) {}

  /// The first frame of a worker.
  [[nodiscard]] static Hello Greeting();
  /// Appends the frame that answers `request`.
  void Answer(const Request& request, std::string& out);

 private:
  RunClock clock_;
  SchemaShelf shelf_;
};

/// Sets the engine up, confines the process and answers until the socket's end. The exit status.
[[nodiscard]] int ServeChallenges();

}  // namespace paddock::runners::sqlite
