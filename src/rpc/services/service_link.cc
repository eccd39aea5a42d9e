#include "rpc/services/service_link.h"

#include <utility>

#include <fmt/format.h>

#include "rpc/credentials.h"

namespace paddock::rpc {
namespace {

constexpr int kReplyBytesMax = 32 << 20;

}  // namespace

ServiceLink::ServiceLink(boost::asio::any_io_executor executor,
                         RemoteService service,
                         std::string name)
    : address_(std::move(service.address)),
      name_(std::move(name)),
      files_(std::move(service.files), certs::Role::kClient),
      calls_(std::make_shared<CallSet>(std::move(executor))) {}

Result<std::shared_ptr<grpc::Channel>> ServiceLink::Channel() {
  if (const auto identity = files_.Renewed()) {
    grpc::ChannelArguments settings = RemoteSettings();
    settings.SetMaxReceiveMessageSize(kReplyBytesMax);
    channel_ = grpc::CreateCustomChannel(address_, CredentialsFor(*identity), settings);
  }
  if (!channel_) {
    return Fail(Code::kUnavailable,
                fmt::format("no certificate can be used to reach the {}", name_));
  }
  return channel_;
}

Error AsSeenByCallers(Error error) {
  if (error.code == Code::kDenied) {
    error.code = Code::kUnavailable;
  }
  return error;
}

}  // namespace paddock::rpc
