#include "sandbox/internal/agent_calls.h"

#include <algorithm>
#include <numeric>

#include "protocol/terminal_messages.h"
#include "sandbox/internal/agent_connection.h"

namespace paddock::sandbox::internal {

Result<void> PlainChannel::OnData(std::string_view /*bytes*/, bool /*is_error*/) {
  return Fail(Code::kInvalid, "data where there is none");  // no credit: cannot be reached
}

ExecChannel::ExecChannel(const Executor& executor, Bytes output_max)
    : AgentChannel(executor,
                   {.ready = true, .data = true, .error_data = true, .takes_data = true},
                   kReceiveCredit),
      bytes_max_(output_max.count) {}

Result<void> ExecChannel::OnData(std::string_view bytes, bool is_error) {
  // The agent keeps to the limit as well; this is for one that does not.
  auto& output = is_error ? stderr_ : stdout_;
  const auto room = bytes_max_ - output.bytes.size();
  output.truncated = output.truncated || bytes.size() > room;
  output.bytes.append(bytes.substr(0, std::min<std::uint64_t>(room, bytes.size())));
  return {};
}

Result<void> ViewerChannel::OnData(std::string_view bytes, bool /*is_error*/) {
  const auto parsed = protocol::terminal::ParseFromTerminal(bytes);
  if (!parsed) {
    return Fail(parsed.error());
  }
  inbox_.emplace_back(bytes);
  return {};
}

std::size_t TextBytes(const protocol::FileRecord& record) {
  return record.name.size() + record.link_target.size();
}

std::size_t TextBytes(const protocol::TerminalRecord& record) {
  return std::accumulate(
      record.argv.begin(), record.argv.end(), record.title.size(),
      [](std::size_t sum, const std::string& argument) { return sum + argument.size(); });
}

namespace {

class ChannelReader : public ByteReader {
 public:
  ChannelReader(ChannelHandle handle, std::uint64_t bytes_max)
      : handle_(std::move(handle)), bytes_left_(bytes_max) {}

  aio::Task<Result<std::string>> Read(Deadline deadline) override {
    auto& channel = static_cast<BytesChannel&>(handle_.channel());
    while (channel.empty() && !channel.ended()) {
      auto changed = co_await handle_.AwaitChange(deadline);
      if (!changed && channel.empty() && !channel.ended()) {
        co_return Fail(std::move(changed).error());
      }
    }
    if (channel.empty() && !channel.end()) {
      co_return Fail(channel.end().error());
    }
    auto piece = channel.Take();
    if (piece.size() > bytes_left_) {
      handle_.connection().Reject({.code = Code::kInvalid, .message = "more than was asked for"});
      co_return Fail(Code::kUnavailable, "the agent broke the protocol");
    }
    bytes_left_ -= piece.size();
    handle_.connection().Consumed(channel, piece.size());
    co_return piece;
  }

 private:
  ChannelHandle handle_;
  std::uint64_t bytes_left_;
};

class ChannelWriter : public ByteWriter {
 public:
  explicit ChannelWriter(ChannelHandle handle) : handle_(std::move(handle)) {}

  aio::Task<Result<void>> Write(std::string piece, Deadline deadline) override {
    auto sent = co_await handle_.Send(piece, deadline);
    auto& channel = handle_.channel();
    if (!channel.ended()) {
      co_return sent;
    }
    if (!channel.end()) {
      co_return Fail(channel.end().error());
    }
    // A RESULT before our DATA_END would say that a part of the file is the whole.
    co_return Fail(Code::kInternal, "the agent finished before all was written");
  }

  aio::Task<Result<void>> Finish(Deadline deadline) override {
    auto& channel = handle_.channel();
    if (channel.ended() && channel.end()) {
      co_return Fail(Code::kInternal, "the agent finished before all was written");
    }
    handle_.SendEnd();
    auto end = co_await handle_.AwaitEnd(deadline);
    if (!end) {
      co_return Fail(std::move(end).error());
    }
    co_return Result<void>();
  }

 private:
  ChannelHandle handle_;
};

class AttachedTerminal : public TerminalChannel {
 public:
  explicit AttachedTerminal(ChannelHandle handle) : handle_(std::move(handle)) {}

  aio::Task<Result<std::string>> Receive() override {
    auto& channel = static_cast<ViewerChannel&>(handle_.channel());
    while (channel.empty() && !channel.ended()) {
      auto changed = co_await handle_.AwaitChange(Deadline::Never());
      if (!changed && channel.empty() && !channel.ended()) {
        co_return Fail(std::move(changed).error());
      }
    }
    if (channel.empty()) {
      const bool is_gone = !channel.end() && channel.end().error().code == Code::kUnavailable;
      co_return Fail(is_gone ? Code::kUnavailable : Code::kCancelled,
                     channel.end() ? "the terminal has ended" : channel.end().error().message);
    }
    auto message = channel.Take();
    handle_.connection().Consumed(channel, message.size());
    co_return message;
  }

  aio::Task<Result<void>> Send(std::string message) override {
    const auto parsed = protocol::terminal::ParseFromViewer(message);
    if (!parsed) {
      co_return Fail(parsed.error());
    }
    auto sent = co_await handle_.SendWhole(message, Deadline::Never());
    if (sent && handle_.channel().ended()) {
      co_return Fail(Code::kCancelled, "the terminal has ended");
    }
    co_return sent;
  }

 private:
  ChannelHandle handle_;
};

}  // namespace

std::unique_ptr<ByteReader> MakeByteReader(ChannelHandle handle, std::uint64_t bytes_max) {
  return std::make_unique<ChannelReader>(std::move(handle), bytes_max);
}

std::unique_ptr<ByteWriter> MakeByteWriter(ChannelHandle handle) {
  return std::make_unique<ChannelWriter>(std::move(handle));
}

std::unique_ptr<TerminalChannel> MakeTerminalChannel(ChannelHandle handle) {
  return std::make_unique<AttachedTerminal>(std::move(handle));
}

}  // namespace paddock::sandbox::internal
