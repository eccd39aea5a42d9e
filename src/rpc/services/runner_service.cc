#include "rpc/services/runner_service.h"

#include <utility>

#include "rpc/services/runner_messages.h"
#include "runner.grpc.pb.h"

namespace paddock::rpc {
namespace v1 = runner::v1;

namespace {

// A request that is refused before it gets to the runner.
aio::Task<Result<challenges::RunOutcomeRef>> Refuse(Error error) {
  co_return Fail(std::move(error));
}

class RunnerService final : public v1::Runner::CallbackService {
 public:
  RunnerService(ServiceHost& host, challenges::Runner& runner) : host_(host), runner_(runner) {}

  grpc::ServerUnaryReactor* Run(grpc::CallbackServerContext* context,
                                const v1::RunRequest* request,
                                v1::RunReply* reply) override {
    auto call = [this, asked = RequestOf(*request)](Deadline deadline) mutable {
      return asked ? runner_.Run(*std::move(asked), deadline) : Refuse(asked.error());
    };
    return host_.Serve<challenges::RunOutcomeRef>(
        *context, std::move(call),
        [reply](const challenges::RunOutcomeRef& outcome) { Fill(*outcome, *reply); });
  }

 private:
  ServiceHost& host_;
  challenges::Runner& runner_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeRunnerService(ServiceHost& host, challenges::Runner& runner) {
  return std::make_unique<RunnerService>(host, runner);
}

RunnerClient::RunnerClient(boost::asio::any_io_executor executor, RemoteService service)
    : link_(std::move(executor), std::move(service), "runner") {}

aio::Task<Result<challenges::RunOutcomeRef>> RunnerClient::Run(challenges::RunRequest request,
                                                               Deadline deadline) {
  v1::RunRequest message;
  Fill(request, message);
  auto method = [](auto& stub, auto... parts) { stub.Run(std::move(parts)...); };
  auto reply = co_await Ask<v1::Runner, v1::RunReply>(link_, std::move(message), method, deadline);
  if (!reply) {
    co_return Fail(std::move(reply).error());
  }
  co_return OutcomeOf(*reply);
}

}  // namespace paddock::rpc
