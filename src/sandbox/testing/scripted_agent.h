// ScriptedAgent: the other end of an AgentClient's stream, for tests that play the agent by hand.
//
// It blocks, so it belongs to a thread of its own (RunScript). Waits are bounded by kPatience, and
// what a script did not get in time shows as a frame of type kGoAway on channel 0, empty.
#pragma once

#include <sys/socket.h>
#include <sys/time.h>

#include <chrono>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "base/check.h"
#include "base/unique_fd.h"
#include "protocol/answers.h"
#include "protocol/control.h"
#include "protocol/requests.h"

namespace paddock::sandbox::testing {

struct OwnedFrame {
  protocol::ChannelId channel = 0;
  protocol::FrameType type = protocol::FrameType::kGoAway;
  std::string payload;
};

class ScriptedAgent {
 public:
  static constexpr std::chrono::seconds kPatience{5};

  explicit ScriptedAgent(UniqueFd stream)
      : stream_(std::move(stream)), reader_(protocol::Sender::kClient) {
    const timeval patience{.tv_sec = kPatience.count(), .tv_usec = 0};
    setsockopt(stream_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    setsockopt(stream_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  }

  /// The next frame; none when the client closed its end or nothing came in time.
  std::optional<OwnedFrame> Next() {
    for (;;) {
      const auto frame = reader_.Next();
      if (!frame) {
        return std::nullopt;
      }
      if (*frame) {
        return OwnedFrame{(*frame)->channel, (*frame)->type, std::string((*frame)->payload)};
      }
      const auto space = reader_.Space();
      const auto count = recv(stream_.get(), space.data(), space.size(), 0);
      if (count <= 0) {
        return std::nullopt;
      }
      reader_.Commit(static_cast<std::size_t>(count));
    }
  }

  /// Skips to the next frame of `type`.
  OwnedFrame Await(protocol::FrameType type) {
    for (;;) {
      auto frame = Next();
      if (!frame || frame->type == type) {
        return frame ? *std::move(frame) : OwnedFrame{};
      }
    }
  }

  /// Greets, as every script does that is not about greeting.
  void Greet() {
    std::string out;
    protocol::AppendHello(out, {.software = "scripted"});
    Send(out);
  }

  /// True when all of `bytes` were taken.
  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto count = send(stream_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) {
        return false;
      }
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }
  bool Send(protocol::ChannelId channel, protocol::FrameType type, std::string_view payload = {}) {
    std::string out;
    protocol::AppendFrame(out, channel, type, payload);
    return Send(out);
  }

  void Close() { stream_.Reset(); }

 private:
  UniqueFd stream_;
  protocol::FrameReader reader_;
};

/// Runs `script` against the client's end that it returns. Joins in the destructor.
class ScriptThread {
 public:
  explicit ScriptThread(std::function<void(ScriptedAgent&)> script) {
    int ends[2];
    PADDOCK_CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    client_end_ = UniqueFd(ends[0]);
    thread_ = std::thread([end = ends[1], run = std::move(script)] {
      ScriptedAgent agent{UniqueFd(end)};
      run(agent);
    });
  }
  ScriptThread(const ScriptThread&) = delete;
  ScriptThread& operator=(const ScriptThread&) = delete;
  ~ScriptThread() { Join(); }

  void Join() {
    client_end_.Reset();
    if (thread_.joinable()) {
      thread_.join();
    }
  }

  [[nodiscard]] UniqueFd TakeClientEnd() { return std::move(client_end_); }

 private:
  UniqueFd client_end_;
  std::thread thread_;
};

}  // namespace paddock::sandbox::testing
