// TestAgent and TestClient: a real agent in a process of its own, and a blocking client of it.
//
// For tests of agent/ only. The server's own client is sandbox::AgentClient.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agent/server.h"
#include "base/unique_fd.h"
#include "protocol/answers.h"
#include "protocol/control.h"
#include "protocol/requests.h"

namespace paddock::agent::testing {

/// A directory of the test's own below `parent`, removed at the end.
class TemporaryDirectory {
 public:
  explicit TemporaryDirectory(const std::string& parent = "/tmp");
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] std::string operator/(std::string_view name) const {
    return path_ + "/" + std::string(name);
  }

 private:
  std::string path_;
};

/// One frame, with its payload copied.
struct Received {
  protocol::ChannelId channel = 0;
  protocol::FrameType type = protocol::FrameType::kHello;
  std::string payload;
};

/// What a channel said from OPEN to its end.
struct Answer {
  std::string ready;
  std::string data;
  std::string error_data;
  std::optional<std::string> result;  // none: `error` says why
  std::optional<Error> error;
};

class TestClient {
 public:
  explicit TestClient(const std::string& socket_path);

  /// Opens a channel and returns its id.
  protocol::ChannelId Open(protocol::Request request, std::uint32_t credit = 1U << 20U);
  void Send(std::string_view frames);
  void SendData(protocol::ChannelId channel, std::string_view bytes);
  void SendDataEnd(protocol::ChannelId channel);

  /// The next frame; none when the agent has closed the connection. When it says
  /// nothing for long, the test fails and there is none either.
  [[nodiscard]] std::optional<Received> Next();
  /// Reads until `channel` has ended, giving credit back for its data.
  [[nodiscard]] Answer Finish(protocol::ChannelId channel);
  [[nodiscard]] Answer Ask(protocol::Request request) { return Finish(Open(std::move(request))); }

  [[nodiscard]] const protocol::Hello& hello() const noexcept { return hello_; }
  /// What the connection has become; blocking. Nothing else may be called afterwards.
  [[nodiscard]] UniqueFd TakeSocket() { return std::move(socket_); }

 private:
  UniqueFd socket_;
  protocol::FrameReader reader_{protocol::Sender::kAgent};
  protocol::Hello hello_;
  protocol::ChannelId last_ = 0;
  std::set<protocol::ChannelId> unready_;  // whose READY has to come before data
};

class TestAgent {
 public:
  /// The listener of `config` is made here.
  explicit TestAgent(ServerConfig config = {});
  ~TestAgent() { Stop(); }
  TestAgent(const TestAgent&) = delete;
  TestAgent& operator=(const TestAgent&) = delete;

  [[nodiscard]] TestClient Connect() const { return TestClient(directory_ / "agent.sock"); }
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  /// SIGTERM, and waits for the end.
  void Stop();

 private:
  TemporaryDirectory directory_;
  pid_t pid_ = -1;
};

/// An exec of `script` by /bin/sh as the test's own user.
[[nodiscard]] protocol::ExecRequest Shell(std::string script);

/// Waits, for a while, until no process of this id is left.
[[nodiscard]] bool IsGoneSoon(pid_t pid);
/// Waits, for a while, for a file with a line in it, and reads it.
[[nodiscard]] std::string ReadSoon(const std::string& path);

}  // namespace paddock::agent::testing
