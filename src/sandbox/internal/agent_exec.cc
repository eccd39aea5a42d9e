// AgentClient::Exec: one command, its input and output, in as few frames as it takes.

#include <utility>

#include "sandbox/internal/agent_client_impl.h"

namespace paddock::sandbox::internal {
namespace {

protocol::ExecRequest ToWire(ExecSpec spec) {
  protocol::ExecRequest request;
  request.has_stdin = !spec.stdin_data.empty();
  request.uid = spec.uid;
  request.timeout = spec.timeout;
  request.output_max = spec.output_max;
  request.memory_max = spec.memory_max.value_or(Bytes{0});
  request.process_count_max = spec.process_count_max.value_or(0);
  request.cwd = std::move(spec.cwd);
  request.argv = spec.shell ? std::vector<std::string>{"/bin/sh", "-c", *std::move(spec.shell)}
                            : std::move(spec.argv);
  for (auto& [name, value] : spec.env) {
    request.env.emplace_back(name, std::move(value));
  }
  return request;
}

ExecResult ToResult(const protocol::ExecOutcome& outcome, ExecChannel& channel) {
  ExecResult result;
  if (outcome.signalled) {
    result.signal = static_cast<int>(outcome.value);
  } else {
    result.exit_code = static_cast<int>(outcome.value);
  }
  result.stdout_truncated = outcome.stdout_cut || channel.stdout_output().truncated;
  result.stderr_truncated = outcome.stderr_cut || channel.stderr_output().truncated;
  result.stdout_data = std::move(channel.stdout_output().bytes);
  result.stderr_data = std::move(channel.stderr_output().bytes);
  result.timed_out = outcome.timed_out;
  result.wall_time = outcome.wall_time;
  result.cpu_time = outcome.cpu_time;
  result.memory_peak = outcome.memory_peak;
  return result;
}

// The caller's control works for as long as this lives.
class Controlled {
 public:
  Controlled(std::shared_ptr<ExecControl> control, ChannelHandle& handle)
      : control_(std::move(control)) {
    if (control_) {
      control_->Bind([&handle](int signal, ExecControl::Scope scope) {
        handle.SendSignal({.signal = static_cast<std::uint8_t>(signal),
                           .scope = scope == ExecControl::Scope::kEverything
                                        ? protocol::SignalScope::kEverything
                                        : protocol::SignalScope::kProcess});
      });
    }
  }
  ~Controlled() {
    if (control_) {
      control_->Bind(nullptr);
    }
  }
  Controlled(const Controlled&) = delete;
  Controlled& operator=(const Controlled&) = delete;

 private:
  std::shared_ptr<ExecControl> control_;
};

}  // namespace

aio::Task<Result<ExecResult>> AgentClientImpl::Exec(ExecSpec spec, Deadline deadline) {
  if (spec.timeout.count() <= 0) {
    co_return Fail(Code::kInvalid, "an exec needs a timeout");
  }
  const auto stdin_data = std::exchange(spec.stdin_data, {});
  auto control = std::exchange(spec.control, nullptr);
  auto channel = std::make_shared<ExecChannel>(connection_->executor(), spec.output_max);
  auto request = ToWire(std::move(spec));
  request.has_stdin = !stdin_data.empty();
  auto handle = connection_->Open(channel, std::move(request));
  if (!handle) {
    co_return Fail(std::move(handle).error());
  }
  const Controlled controlled(std::move(control), *handle);
  if (!stdin_data.empty()) {
    // Output is taken by the channel meanwhile; a program that reads nothing ends the sending.
    auto sent = co_await handle->Send(stdin_data, deadline);
    if (!sent) {
      co_return Fail(std::move(sent).error());
    }
    handle->SendEnd();
  }
  auto end = co_await handle->AwaitEnd(deadline);
  if (!end) {
    co_return Fail(std::move(end).error());
  }
  const auto outcome = Trusted(protocol::DecodeOutcome(*end));
  if (!outcome) {
    co_return Fail(outcome.error());
  }
  co_return ToResult(*outcome, *channel);
}

}  // namespace paddock::sandbox::internal
