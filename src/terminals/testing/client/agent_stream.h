// AgentStream: a viewer's channel straight to an agent, by docs/protocol/agent.md. Blocking.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "model/ids.h"
#include "protocol/frame.h"
#include "terminals/testing/client/message_stream.h"

namespace paddock::terminals::testing {

/// Opens a terminal that runs `argv` at the agent that listens at `path`.
[[nodiscard]] Result<void> OpenTerminal(const std::string& path,
                                        const TerminalId& id,
                                        std::vector<std::string> argv);

/// Ends it and all that it ever started.
[[nodiscard]] Result<void> CloseTerminal(const std::string& path, const TerminalId& id);

class AgentStream : public MessageStream {
 public:
  [[nodiscard]] static Result<std::unique_ptr<AgentStream>> Connect(const std::string& path,
                                                                    const TerminalId& id);
  Result<void> Send(std::string_view message) override;
  Result<std::string_view> Receive(Deadline deadline) override;

 private:
  explicit AgentStream(UniqueFd fd) : fd_(std::move(fd)) {}
  [[nodiscard]] Result<protocol::Frame> NextFrame(Deadline deadline);

  UniqueFd fd_;
  protocol::FrameReader reader_{protocol::Sender::kAgent};
  std::uint64_t credit_ = protocol::kAgentCreditInitial;  // for what is sent
  std::uint32_t consumed_ = 0;                            // received and not given back
};

}  // namespace paddock::terminals::testing
