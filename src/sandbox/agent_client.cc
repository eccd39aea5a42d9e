#include "sandbox/agent_client.h"

#include <charconv>
#include <utility>

#include "base/check.h"
#include "sandbox/internal/agent_client_impl.h"
#include "sandbox/internal/direct_forward.h"
#include "sandbox/internal/forward_pump.h"

namespace paddock::sandbox {

Result<void> ExecControl::Signal(int signal, Scope scope) const {
  if (signal < 1 || signal > protocol::kSignalMax) {
    return Fail(Code::kInvalid, "no such signal");
  }
  if (!send_) {
    return Fail(Code::kNotFound, "the command does not run");
  }
  send_(signal, scope);
  return {};
}

aio::Task<Result<std::shared_ptr<AgentClient>>> AgentClient::Open(
    boost::asio::any_io_executor executor, UniqueFd stream, Deadline deadline) {
  const auto* concrete = executor.target<internal::Executor>();
  PADDOCK_CHECK(concrete != nullptr);  // the loop is an io_context
  auto connection = std::make_shared<internal::AgentConnection>(*concrete, std::move(stream));
  auto started = co_await connection->Start(deadline);
  if (!started) {
    co_return Fail(std::move(started).error());
  }
  co_return std::make_shared<internal::AgentClientImpl>(std::move(connection));
}

namespace {

Result<protocol::ForwardRequest> ParseTarget(std::string_view target) {
  protocol::ForwardRequest request;
  if (target.starts_with("unix:/")) {
    request.family = protocol::ForwardFamily::kUnix;
    request.path = target.substr(5);
    return request;
  }
  if (target == "program:sqlite") {
    request.family = protocol::ForwardFamily::kProgram;
    request.port = static_cast<std::uint16_t>(protocol::HelperProgram::kSqlite);
    return request;
  }
  if (target.starts_with("tcp:")) {
    const auto digits = target.substr(4);
    const auto* begin = digits.data();
    const auto* end = begin + digits.size();
    const auto parsed = std::from_chars(begin, end, request.port);
    if (parsed.ec == std::errc() && parsed.ptr == end && request.port != 0) {
      return request;
    }
  }
  return Fail(Code::kInvalid, "a target is tcp:<port>, unix:<path> or program:sqlite");
}

}  // namespace

aio::Task<Result<UniqueFd>> AgentClient::ForwardDirectly(UniqueFd stream,
                                                         std::string target,
                                                         Deadline deadline) {
  auto request = ParseTarget(target);
  if (!request) {
    co_return Fail(std::move(request).error());
  }
  request->is_direct = true;
  auto forward =
      co_await internal::OpenDirectForward(std::move(stream), *std::move(request), deadline);
  co_return forward;
}

namespace internal {
namespace {

protocol::Environment ToWire(std::map<std::string, std::string> env) {
  protocol::Environment list;
  list.reserve(env.size());
  for (auto& [name, value] : env) {
    list.emplace_back(name, std::move(value));
  }
  return list;
}

TerminalInfo ToInfo(protocol::TerminalRecord record) {
  return {.id = std::move(record.id),
          .argv = std::move(record.argv),
          .title = std::move(record.title),
          .column_count = record.column_count,
          .row_count = record.row_count,
          .exited = record.exited,
          .viewer_count = record.viewer_count,
          .created_at = record.created_at,
          .active_at = record.active_at};
}

}  // namespace

aio::Task<Result<std::string>> AgentClientImpl::Ask(protocol::Request request, Deadline deadline) {
  auto channel = std::make_shared<PlainChannel>(connection_->executor(), ChannelRules{});
  auto handle = connection_->Open(std::move(channel), std::move(request));
  if (!handle) {
    co_return Fail(std::move(handle).error());
  }
  auto end = co_await handle->AwaitEnd(deadline);
  co_return end;
}

aio::Task<Result<void>> AgentClientImpl::Tell(protocol::Request request, Deadline deadline) {
  auto answer = co_await Ask(std::move(request), deadline);
  if (!answer) {
    co_return Fail(std::move(answer).error());
  }
  co_return Trusted(protocol::DecodeEmpty(*answer));
}

aio::Task<Result<ChannelHandle>> AgentClientImpl::OpenReady(std::shared_ptr<AgentChannel> channel,
                                                            protocol::Request request,
                                                            Deadline deadline) {
  auto handle = connection_->Open(std::move(channel), std::move(request));
  if (!handle) {
    co_return Fail(std::move(handle).error());
  }
  auto ready = co_await handle->AwaitReady(deadline);
  if (!ready) {
    co_return Fail(std::move(ready).error());
  }
  co_return *std::move(handle);
}

aio::Task<Result<TerminalInfo>> AgentClientImpl::OpenTerminal(TerminalSpec spec,
                                                              Deadline deadline) {
  protocol::TerminalOpenRequest request{.uid = spec.uid,
                                        .column_count = spec.column_count,
                                        .row_count = spec.row_count,
                                        .id = std::move(spec.id),
                                        .cwd = std::move(spec.cwd),
                                        .argv = std::move(spec.argv),
                                        .env = ToWire(std::move(spec.env))};
  auto answer = co_await Ask(std::move(request), deadline);
  if (!answer) {
    co_return Fail(std::move(answer).error());
  }
  auto record = Trusted(protocol::DecodeTerminal(*answer));
  if (!record) {
    co_return Fail(std::move(record).error());
  }
  co_return ToInfo(*std::move(record));
}

aio::Task<Result<std::vector<TerminalInfo>>> AgentClientImpl::ListTerminals(Deadline deadline) {
  using Channel = RecordChannel<protocol::TerminalRecord>;
  auto channel = std::make_shared<Channel>(connection_->executor(), protocol::DecodeTerminals,
                                           std::size_t{protocol::kTerminalCountMax});
  auto handle = connection_->Open(channel, protocol::TerminalListRequest{});
  if (!handle) {
    co_return Fail(std::move(handle).error());
  }
  auto end = co_await handle->AwaitEnd(deadline);
  if (!end) {
    co_return Fail(std::move(end).error());
  }
  std::vector<TerminalInfo> terminals;
  for (auto& record : channel->records()) {
    terminals.push_back(ToInfo(std::move(record)));
  }
  co_return terminals;
}

aio::Task<Result<void>> AgentClientImpl::CloseTerminal(TerminalId id, Deadline deadline) {
  protocol::TerminalCloseRequest request{std::move(id)};
  auto told = co_await Tell(std::move(request), deadline);
  co_return told;
}

aio::Task<Result<std::unique_ptr<TerminalChannel>>> AgentClientImpl::AttachTerminal(
    TerminalId id, Deadline deadline) {
  auto channel = std::make_shared<ViewerChannel>(connection_->executor());
  protocol::TerminalAttachRequest request{std::move(id)};
  auto handle = co_await OpenReady(std::move(channel), std::move(request), deadline);
  if (!handle) {
    co_return Fail(std::move(handle).error());
  }
  co_return MakeTerminalChannel(*std::move(handle));
}

aio::Task<Result<UniqueFd>> AgentClientImpl::Forward(std::string target, Deadline deadline) {
  auto request = ParseTarget(target);
  if (!request) {
    co_return Fail(std::move(request).error());
  }
  auto channel = std::make_shared<ForwardChannel>(connection_->executor());
  auto handle = co_await OpenReady(std::move(channel), *std::move(request), deadline);
  if (!handle) {
    co_return Fail(std::move(handle).error());
  }
  co_return StartForward(connection_->executor(), *std::move(handle));
}

aio::Task<Result<AgentStats>> AgentClientImpl::Stats(Deadline deadline) {
  const protocol::StatsRequest request{};
  auto answer = co_await Ask(request, deadline);
  if (!answer) {
    co_return Fail(std::move(answer).error());
  }
  const auto record = Trusted(protocol::DecodeStats(*answer));
  if (!record) {
    co_return Fail(record.error());
  }
  AgentStats stats;
  stats.memory = record->memory;
  stats.cpu_time = record->cpu_time;
  stats.process_count = static_cast<int>(record->process_count);
  stats.disk_used = record->disk_used;
  stats.disk_total = record->disk_total;
  stats.inode_count = record->inode_count;
  stats.inode_count_max = record->inode_count_max;
  co_return stats;
}

}  // namespace internal
}  // namespace paddock::sandbox
