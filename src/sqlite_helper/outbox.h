// Outbox: sends frames to the engine and waits until they have left, which is how a statement goes
// no faster than its rows are taken.
//
// Used by Server. Threading: one thread. Ownership: the descriptor outlives it.
#pragma once

#include <string>

namespace paddock::sqlite_helper {

class Outbox {
 public:
  explicit Outbox(int output) : output_(output) {}

  /// Where frames are appended.
  [[nodiscard]] std::string& frames() noexcept { return frames_; }
  /// Sends all that was appended; once the engine is gone it is dropped.
  void Flush();
  [[nodiscard]] bool is_broken() const noexcept { return is_broken_; }

 private:
  int output_;
  std::string frames_;
  bool is_broken_ = false;
};

}  // namespace paddock::sqlite_helper
