// SimulatedClient: a client of docs/protocol/terminal.md that keeps everything it was sent, for
// tests that cut its connection wherever they like. Checks the protocol's promises as it reads.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/terminal/hub.h"

namespace paddock::agent::terminal::testing {

class SimulatedClient {
 public:
  struct Options {
    char name = 'a';
    std::uint64_t window = 65'536;
    WindowSize size = {};
    bool own = false;
    bool watch = false;
  };
  struct Received {
    std::uint64_t start = 0;  // offset of the first byte of `shown`
    std::string prelude;      // what RESET said before it
    std::string shown;
  };

  SimulatedClient(Hub& hub, Options options) : hub_(hub), options_(options) {
    client_.fill(options.name);
  }

  /// Opens a connection; resumes when it was connected before.
  void Connect(Hub::TimePoint now);
  /// Types `bytes`: sent now, or after the reconnect.
  void Type(std::string_view bytes, Hub::TimePoint now);
  void Send(std::string_view message, Hub::TimePoint now);
  /// Takes at most `count` messages off the hub into the wire, and reads `read_count` from there.
  /// True when it did anything.
  bool Pump(std::size_t count, std::size_t read_count, Hub::TimePoint now);
  /// Until there is nothing more to take and to read.
  void PumpAll(Hub::TimePoint now);
  /// The connection breaks: what is on the wire is lost.
  void Cut(Hub::TimePoint now);

  [[nodiscard]] bool connected() const noexcept { return viewer_.has_value(); }
  [[nodiscard]] ViewerId viewer() const { return viewer_.value(); }
  [[nodiscard]] const Received& received() const noexcept { return received_; }
  [[nodiscard]] int reset_count() const noexcept { return reset_count_; }
  [[nodiscard]] std::uint64_t taken() const noexcept { return taken_; }

  // The last of each, if any.
  std::optional<protocol::terminal::Attached> attached;
  std::optional<protocol::terminal::Size> size;
  std::optional<protocol::terminal::Exit> exit;
  std::optional<protocol::terminal::Failure> failure;
  std::vector<std::uint64_t> pongs;
  std::vector<std::string> notices;
  std::vector<std::string> problems;  // broken promises, for the test to find empty
  std::size_t message_size_max = 65'536 + 64;
  bool credit = true;  // grants more as it reads

 private:
  void Read(std::string_view message);
  void OnOutput(const protocol::terminal::Output& output);
  void SendInput(Hub::TimePoint now);

  Hub& hub_;
  Options options_;
  ClientId client_{};
  std::optional<ViewerId> viewer_;
  std::deque<std::string> wire_;
  bool started_ = false;
  std::uint64_t next_ = 0;
  Received received_;
  int reset_count_ = 0;
  std::string typed_;
  std::uint64_t sent_ = 0;
  std::uint64_t taken_ = 0;
  bool input_known_ = false;
};

}  // namespace paddock::agent::terminal::testing
