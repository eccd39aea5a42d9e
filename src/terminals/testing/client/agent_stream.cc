#include "terminals/testing/client/agent_stream.h"

#include <chrono>
#include <utility>

#include "protocol/control.h"
#include "protocol/requests.h"
#include "terminals/testing/client/sockets.h"

namespace paddock::terminals::testing {
namespace {

using protocol::FrameType;

constexpr protocol::ChannelId kChannel = 1;
constexpr std::uint32_t kCredit = 1U << 20U;
constexpr std::chrono::seconds kTimeout{10};

Result<UniqueFd> OpenChannel(const std::string& path, protocol::Open open) {
  auto fd = ConnectUnix(path);
  if (!fd) {
    return fd;
  }
  std::string bytes;
  protocol::AppendHello(bytes, {.software = "terminal test client"});
  auto built = protocol::AppendOpen(bytes, kChannel, open);
  if (!built) {
    return Fail(std::move(built).error());
  }
  auto sent = SendAll(fd->get(), bytes);
  if (!sent) {
    return Fail(std::move(sent).error());
  }
  return fd;
}

/// Makes one request and waits for its end.
Result<void> Call(const std::string& path, protocol::Request request) {
  auto fd = OpenChannel(path, {.credit = kCredit, .request = std::move(request)});
  if (!fd) {
    return Fail(std::move(fd).error());
  }
  protocol::FrameReader reader(protocol::Sender::kAgent);
  while (true) {
    auto frame = reader.Next();
    if (!frame) {
      return Fail(std::move(frame).error());
    }
    if (*frame && (*frame)->type == FrameType::kResult) {
      return {};
    }
    if (*frame && (*frame)->type == FrameType::kError) {
      auto error = protocol::DecodeError((*frame)->payload);
      return Fail(error ? *std::move(error) : std::move(error).error());
    }
    if (!*frame) {
      auto got = ReceiveSome(fd->get(), reader.Space(), Deadline::After(kTimeout));
      if (!got) {
        return Fail(std::move(got).error());
      }
      reader.Commit(*got);
    }
  }
}

}  // namespace

Result<protocol::Frame> AgentStream::NextFrame(Deadline deadline) {
  while (true) {
    auto frame = reader_.Next();
    if (!frame) {
      return Fail(std::move(frame).error());
    }
    if (*frame) {
      return **frame;
    }
    auto got = ReceiveSome(fd_.get(), reader_.Space(), deadline);
    if (!got) {
      return Fail(std::move(got).error());
    }
    reader_.Commit(*got);
  }
}

Result<void> OpenTerminal(const std::string& path,
                          const TerminalId& id,
                          std::vector<std::string> argv) {
  protocol::TerminalOpenRequest request;
  request.id = id;
  request.cwd = "/";
  request.argv = std::move(argv);
  return Call(path, std::move(request));
}

Result<void> CloseTerminal(const std::string& path, const TerminalId& id) {
  protocol::TerminalCloseRequest request;
  request.id = id;
  return Call(path, std::move(request));
}

Result<std::unique_ptr<AgentStream>> AgentStream::Connect(const std::string& path,
                                                          const TerminalId& id) {
  protocol::TerminalAttachRequest request;
  request.id = id;
  auto fd = OpenChannel(path, {.credit = kCredit, .request = std::move(request)});
  if (!fd) {
    return Fail(std::move(fd).error());
  }
  return std::unique_ptr<AgentStream>(new AgentStream(*std::move(fd)));
}

Result<void> AgentStream::Send(std::string_view message) {
  while (credit_ < message.size()) {
    auto frame = NextFrame(Deadline::After(kTimeout));
    if (!frame) {
      return Fail(std::move(frame).error());
    }
    if (frame->type != FrameType::kWindow) {
      return Fail(Code::kExhausted, "out of credit while output waits: Receive first");
    }
    credit_ += protocol::DecodeWindow(frame->payload).value_or(0);
  }
  credit_ -= message.size();
  std::string bytes;
  protocol::AppendFrame(bytes, kChannel, FrameType::kData, message);
  return SendAll(fd_.get(), bytes);
}

Result<std::string_view> AgentStream::Receive(Deadline deadline) {
  if (consumed_ >= kCredit / 2) {
    std::string bytes;
    protocol::AppendWindow(bytes, kChannel, std::exchange(consumed_, 0));
    auto sent = SendAll(fd_.get(), bytes);
    if (!sent) {
      return Fail(std::move(sent).error());
    }
  }
  while (true) {
    auto frame = NextFrame(deadline);
    if (!frame) {
      return Fail(std::move(frame).error());
    }
    switch (frame->type) {
      case FrameType::kData:
        consumed_ += static_cast<std::uint32_t>(frame->payload.size());
        return frame->payload;
      case FrameType::kWindow: credit_ += protocol::DecodeWindow(frame->payload).value_or(0); break;
      case FrameType::kResult: return Fail(Code::kCancelled, "the terminal closed the channel");
      case FrameType::kError:
      case FrameType::kGoAway: {
        auto error = protocol::DecodeError(frame->payload);
        return Fail(error ? *std::move(error) : std::move(error).error());
      }
      default: break;
    }
  }
}

}  // namespace paddock::terminals::testing
