// FakeViewerSocket and FakeTerminalChannel: both ends of a relay, in memory.
//
// A test puts messages into `incoming` with Arrive, and reads what the relay sent from `sent`.
// While `blocked` is true nothing is taken: sends wait. Threading: the test's loop thread.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aio/condition.h"
#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "sandbox/agent_client.h"
#include "terminals/viewer_socket.h"

namespace paddock::terminals::testing {

/// One direction each way: what arrives, and what was sent.
class FakePipe {
 public:
  std::vector<std::string> sent;
  bool blocked = false;

  void Arrive(std::string message) {
    incoming_.push_back(std::move(message));
    changed_.NotifyAll();
  }
  void Fail(Code code) {
    failure_ = code;
    changed_.NotifyAll();
  }
  void Unblock() {
    blocked = false;
    changed_.NotifyAll();
  }

  aio::Task<Result<std::string>> Take() {
    while (incoming_.empty()) {
      if (failure_) {
        co_return paddock::Fail(*failure_, "scripted");
      }
      auto waited = co_await changed_.Wait(Deadline::Never());
      if (!waited) {
        co_return paddock::Fail(Code::kCancelled, "cancelled");
      }
    }
    std::string message = std::move(incoming_.front());
    incoming_.pop_front();
    co_return message;
  }

  aio::Task<Result<void>> Put(std::string message) {
    while (blocked) {
      if (failure_) {
        co_return paddock::Fail(*failure_, "scripted");
      }
      auto waited = co_await changed_.Wait(Deadline::Never());
      if (!waited) {
        co_return paddock::Fail(Code::kCancelled, "cancelled");
      }
    }
    sent.push_back(std::move(message));
    co_return Result<void>();
  }

 private:
  std::deque<std::string> incoming_;
  std::optional<Code> failure_;
  aio::Condition changed_;
};

class FakeViewerSocket : public ViewerSocket {
 public:
  FakePipe pipe;
  std::optional<std::uint16_t> close_code;

  aio::Task<Result<std::string>> Receive() override { return pipe.Take(); }
  aio::Task<Result<void>> Send(std::string_view head, std::string_view payload) override {
    return pipe.Put(std::string(head) + std::string(payload));
  }
  aio::Task<void> Close(std::uint16_t code, std::string /*reason*/) override {
    close_code = code;
    pipe.Fail(Code::kCancelled);
    co_return;
  }
};

class FakeTerminalChannel : public sandbox::TerminalChannel {
 public:
  /// `pipe` outlives the channel, so that the test can look at it afterwards.
  explicit FakeTerminalChannel(FakePipe& pipe) : pipe_(pipe) {}
  aio::Task<Result<std::string>> Receive() override { return pipe_.Take(); }
  aio::Task<Result<void>> Send(std::string message) override {
    return pipe_.Put(std::move(message));
  }

 private:
  FakePipe& pipe_;
};

}  // namespace paddock::terminals::testing
