// Inbox: reads what the engine sends, on a thread of its own, so that a CANCEL is heard while a
// statement runs.
//
// Used by Server. Threading: the main thread calls all but what the reading thread does itself.
// Ownership: the descriptor and the connection outlive it. The destructor waits until the engine
// has closed its side.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <thread>

#include "engines/sqlite/connection.h"
#include "sqlite_helper/protocol/messages.h"

namespace paddock::sqlite_helper {

class Inbox {
 public:
  /// Goes on with what `reader` already holds.
  Inbox(int input, FrameReader reader, engines::sqlite::Connection& connection);
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;
  ~Inbox();

  /// The next statement; none once the engine is gone or has broken the protocol.
  [[nodiscard]] std::optional<ExecuteMessage> Next();
  /// The statement is over: a CANCEL of it means nothing any more, and another may come.
  void Finish();

 private:
  void Read();
  [[nodiscard]] bool TakeFrames();
  [[nodiscard]] bool TakeFrame(const Frame& frame);
  [[nodiscard]] bool TakeExecute(ExecuteMessage execute);
  void TakeCancel(std::uint32_t number);
  void Close();

  int input_;
  FrameReader reader_;
  engines::sqlite::Connection& connection_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<ExecuteMessage> waiting_;  // not begun
  std::uint32_t running_ = 0;              // waiting or begun; 0: none
  bool is_closed_ = false;

  std::thread thread_;  // last: it uses all of the above
};

/// Reads once from `input` into `reader`; false at its end.
[[nodiscard]] bool ReadSome(int input, FrameReader& reader);

}  // namespace paddock::sqlite_helper
