#include "sqlite_helper/inbox.h"

#include <unistd.h>

#include <cerrno>
#include <utility>

namespace paddock::sqlite_helper {

bool ReadSome(int input, FrameReader& reader) {
  const auto space = reader.Space();
  ssize_t count = 0;
  do {
    count = read(input, space.data(), space.size());
  } while (count < 0 && errno == EINTR);
  if (count <= 0) {
    return false;
  }
  reader.Commit(static_cast<std::size_t>(count));
  return true;
}

Inbox::Inbox(int input, FrameReader reader, engines::sqlite::Connection& connection)
    : input_(input),
      reader_(std::move(reader)),
      connection_(connection),
      thread_([this] { Read(); }) {}

Inbox::~Inbox() { thread_.join(); }

std::optional<ExecuteMessage> Inbox::Next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return is_closed_ || waiting_; });
  return is_closed_ ? std::nullopt : std::exchange(waiting_, std::nullopt);
}

void Inbox::Finish() {
  const std::lock_guard lock(mutex_);
  running_ = 0;
}

void Inbox::Read() {
  while (TakeFrames() && ReadSome(input_, reader_)) {
  }
  Close();
}

bool Inbox::TakeFrames() {
  for (;;) {
    const auto frame = reader_.Next();
    if (!frame || (frame->has_value() && !TakeFrame(**frame))) {
      return false;
    }
    if (!frame->has_value()) {
      return true;
    }
  }
}

bool Inbox::TakeFrame(const Frame& frame) {
  if (frame.type == FrameType::kExecute) {
    auto execute = DecodeExecute(frame.payload);
    return execute && TakeExecute(*std::move(execute));
  }
  if (frame.type == FrameType::kCancel) {
    const auto number = DecodeCancel(frame.payload);
    if (number) {
      TakeCancel(*number);
    }
    return number.has_value();
  }
  return false;  // opened already
}

bool Inbox::TakeExecute(ExecuteMessage execute) {
  const std::lock_guard lock(mutex_);
  if (running_ != 0) {
    return false;  // one at a time
  }
  running_ = execute.number;
  connection_.Resume();
  waiting_ = std::move(execute);
  changed_.notify_one();
  return true;
}

// Under the lock, so that it cannot hit the statement after the one that is meant.
void Inbox::TakeCancel(std::uint32_t number) {
  const std::lock_guard lock(mutex_);
  if (running_ == number && number != 0) {
    connection_.Stop();
  }
}

void Inbox::Close() {
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
  connection_.Stop();
  changed_.notify_one();
}

}  // namespace paddock::sqlite_helper
