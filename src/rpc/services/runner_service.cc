#include "rpc/services/runner_service.h"

#include <utility>

#include "rpc/services/runner_messages.h"
#include "runner.grpc.pb.h"

namespace paddock::rpc {
namespace v1 = runner::v1;

namespace {

struct Ran {
  challenges::RunOutcomeRef outcome;  // null: the schema is not known
  bool keeps_schema = false;
};

void FillReply(const Ran& ran, v1::RunReply& out) {
  if (ran.outcome == nullptr) {
    out.set_schema_wanted(true);
    return;
  }
  Fill(*ran.outcome, out);
  out.set_keeps_schema(ran.keeps_schema);
}

class RunnerService final : public v1::Runner::CallbackService {
 public:
  RunnerService(ServiceHost& host, challenges::Runner& runner, KnownSchemasLimits limits)
      : host_(host), runner_(runner), known_(limits) {}

  grpc::ServerUnaryReactor* Run(grpc::CallbackServerContext* context,
                                const v1::RunRequest* request,
                                v1::RunReply* reply) override {
    // Read, and hashed, on this thread, which is gRPC's.
    auto call = [this, asked = RequestOf(*request),
                 digest = request->digest()](Deadline deadline) mutable {
      return Answer(std::move(asked), std::move(digest), deadline);
    };
    return host_.Serve<Ran>(*context, std::move(call),
                            [reply](const Ran& ran) { FillReply(ran, *reply); });
  }

 private:
  aio::Task<Result<Ran>> Answer(Result<challenges::RunRequest> asked,
                                std::string digest,
                                Deadline deadline) {
    if (!asked) {
      co_return Fail(std::move(asked).error());
    }
    Ran ran;
    if (asked->schema == nullptr) {
      asked->schema = known_.Find(digest);
      ran.keeps_schema = true;
    } else if (!digest.empty()) {
      ran.keeps_schema = known_.Keep(asked->schema);
    }
    if (asked->schema == nullptr) {
      co_return ran;
    }
    auto outcome = co_await runner_.Run(*std::move(asked), deadline);
    if (!outcome) {
      co_return Fail(std::move(outcome).error());
    }
    ran.outcome = *std::move(outcome);
    co_return ran;
  }

  ServiceHost& host_;
  challenges::Runner& runner_;
  KnownSchemas known_;
};

aio::Task<Result<v1::RunReply>> Send(ServiceLink& link,  // outlives the task
                                     challenges::RunRequest request,
                                     Naming naming,
                                     Deadline deadline) {
  v1::RunRequest message;
  Fill(request, naming, message);
  auto method = [](auto& stub, auto... parts) { stub.Run(std::move(parts)...); };
  auto reply = co_await Ask<v1::Runner, v1::RunReply>(link, std::move(message), method, deadline);
  co_return reply;
}

}  // namespace

std::unique_ptr<grpc::Service> MakeRunnerService(ServiceHost& host,
                                                 challenges::Runner& runner,
                                                 KnownSchemasLimits limits) {
  return std::make_unique<RunnerService>(host, runner, limits);
}

RunnerClient::RunnerClient(boost::asio::any_io_executor executor, RemoteService service)
    : link_(std::move(executor), std::move(service), "runner") {}

aio::Task<Result<challenges::RunOutcomeRef>> RunnerClient::Run(challenges::RunRequest request,
                                                               Deadline deadline) {
  const std::string digest = request.schema->digest;
  auto naming = kept_.contains(digest) ? Naming::kByDigest : Naming::kByScript;
  auto reply = co_await Send(link_, request, naming, deadline);
  if (reply && reply->schema_wanted() && naming == Naming::kByDigest) {
    // It has made room for others, or is another process by now.
    naming = Naming::kByScript;
    reply = co_await Send(link_, std::move(request), naming, deadline);
  }
  if (!reply) {
    co_return Fail(std::move(reply).error());
  }
  if (reply->schema_wanted()) {
    co_return Fail(Code::kInternal, "the runner wants a schema that it has just been sent");
  }
  Note(digest, reply->keeps_schema());
  co_return OutcomeOf(*reply);
}

void RunnerClient::Note(const std::string& digest, bool is_kept) {
  if (!is_kept) {
    kept_.erase(digest);
    return;
  }
  if (kept_.size() >= kKeptMax && !kept_.contains(digest)) {
    kept_.clear();
  }
  kept_.insert(digest);
}

}  // namespace paddock::rpc
