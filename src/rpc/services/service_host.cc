#include "rpc/services/service_host.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>

#include "base/log.h"
#include "certs/authority.h"
#include "certs/check.h"
#include "rpc/credentials.h"
#include "rpc/grpc_shutdown.h"

namespace paddock::rpc {
namespace {

constexpr int kRequestBytesMax = 20 << 20;  // a schema's script, and room
constexpr int kCallsMax = 1'000;            // of one connection at once; more wait at the client

}  // namespace

ServiceHost::ServiceHost(boost::asio::any_io_executor executor)
    : executor_(executor), scope_(std::move(executor)) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  builder_.SetMaxReceiveMessageSize(kRequestBytesMax);
}

ServiceHost::~ServiceHost() = default;

void ServiceHost::Add(grpc::Service& service) { builder_.RegisterService(&service); }

Result<void> ServiceHost::Listen(const RemoteAccess& access) {
  const auto now = std::chrono::system_clock::now();
  auto checked = certs::CheckFiles(access.files, certs::Role::kServer, now);
  if (!checked) {
    return Fail(std::move(checked).error());
  }
  if (checked->not_after < now + certs::kRenewalDue) {
    log::Warn("{} expires soon: renew it", access.files.certificate);
  }
  builder_.AddListeningPort(access.address, CredentialsFor(access), &port_);
  builder_.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder_.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kCallsMax);
  AddRemoteSettings(builder_);
  server_ = builder_.BuildAndStart();
  if (!server_) {
    return Fail(Code::kUnavailable,
                fmt::format("cannot listen on {}: is another service there?", access.address));
  }
  return {};
}

aio::Task<void> ServiceHost::Shutdown() {
  if (server_) {
    GrpcShutdown ending(*server_, executor_);
    scope_.Cancel();
    co_await ending.Join();
  }
  co_await scope_.Join();
}

void ServiceHost::Spawn(std::function<aio::Task<void>()> task) {
  boost::asio::post(executor_, [this, start = std::move(task)] { scope_.Spawn(start()); });
}

Deadline ServiceHost::DeadlineOf(const grpc::CallbackServerContext& context) {
  const auto left = context.deadline() - std::chrono::system_clock::now();
  return Deadline::After(std::min<std::chrono::system_clock::duration>(left, kCallTimeMax));
}

}  // namespace paddock::rpc
