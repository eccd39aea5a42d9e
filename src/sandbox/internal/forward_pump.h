// StartForward: moves bytes between a forward channel and a socket pair, whose other end is the
// caller's to use like any connected socket.
//
// Loop thread only. The pump owns itself through its pending waits, and ends with the channel, the
// connection, or some time after the caller closed its end.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "sandbox/internal/agent_channel.h"

namespace paddock::sandbox::internal {

class ForwardPump;

/// Holds what came from the sandbox until the pump has written it; the credit bounds it.
class ForwardChannel : public AgentChannel {
 public:
  explicit ForwardChannel(const Executor& executor);

 private:
  friend class ForwardPump;

  [[nodiscard]] Result<void> OnData(std::string_view bytes, bool is_error) override;
  void OnChange() override;

  std::weak_ptr<ForwardPump> pump_;
  std::string inbox_;
};

/// `handle` is of a ForwardChannel that has had its READY. Fails with kExhausted (no descriptors).
[[nodiscard]] Result<UniqueFd> StartForward(const Executor& executor, ChannelHandle handle);

}  // namespace paddock::sandbox::internal
