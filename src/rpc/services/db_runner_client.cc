#include <cstddef>
#include <memory>
#include <utility>

#include <boost/asio/post.hpp>

#include "aio/condition.h"
#include "dbrunner/v1/dbrunner.grpc.pb.h"
#include "rpc/services/playground_clients.h"

namespace paddock::rpc {
namespace v1 = dbrunner::v1;

namespace {

using Service = v1::DbRunnerService;

constexpr std::size_t kOutputBytesMax = std::size_t{64} << 20U;

/// Reads a whole output. Held by the call until gRPC is done with it.
class OutputReader final : public grpc::ClientReadReactor<v1::RetrieveQueryResponse>,
                           public std::enable_shared_from_this<OutputReader> {
 public:
  OutputReader(boost::asio::any_io_executor executor, std::shared_ptr<CallSet> calls)
      : executor_(std::move(executor)), calls_(std::move(calls)) {}

  void Begin(Service::Stub& stub, std::string id, Deadline deadline) {
    request_.set_id(std::move(id));
    context_.set_deadline(CallSet::EndOf(deadline));
    self_ = shared_from_this();
    calls_->in_flight().Add();
    stub.async()->RetrieveQuery(&context_, &request_, this);
    StartRead(&message_);
    StartCall();
  }
  void Cancel() { context_.TryCancel(); }

  [[nodiscard]] static aio::Task<Result<playground::OutputRef>> Await(
      std::shared_ptr<OutputReader> reader) {
    while (!reader->is_finished_) {
      auto finished = co_await reader->finished_.Wait(Deadline::Never());
      if (!finished && !reader->is_finished_) {
        reader->Cancel();
        co_return Fail(Code::kCancelled, "cancelled");
      }
    }
    if (reader->is_too_big_) {
      co_return Fail(Code::kExhausted, "the output is too big");
    }
    if (!reader->status_.ok()) {
      co_return Fail(AsSeenByCallers(FromStatus(reader->status_)).With("runner"));
    }
    co_return std::make_shared<const playground::Output>(std::move(reader->output_));
  }

  // Of gRPC, one after the other.
  void OnReadDone(bool ok) override {
    if (!ok) {
      return;  // OnDone follows
    }
    bytes_ += message_.ByteSizeLong();
    if (bytes_ > kOutputBytesMax) {
      is_too_big_ = true;
      context_.TryCancel();
    } else {
      Take();
    }
    StartRead(&message_);
  }
  // Locals only after the post: the loop may let go of the last reference at once.
  void OnDone(const grpc::Status& status) override {
    const auto executor = executor_;
    InFlight& in_flight = calls_->in_flight();  // whose owner waits for the Remove
    status_ = status;
    boost::asio::post(executor, [self = std::move(self_)] {
      self->is_finished_ = true;
      self->finished_.NotifyAll();
    });
    in_flight.Remove();
  }

 private:
  void Take() {
    if (message_.has_header()) {
      output_.header.assign(message_.header().header().begin(), message_.header().header().end());
      return;
    }
    auto& row = output_.rows.emplace_back();
    for (const v1::Cell& cell : message_.row().cells()) {
      row.push_back(cell.has_value() ? std::optional(cell.value()) : std::nullopt);
    }
  }

  boost::asio::any_io_executor executor_;
  std::shared_ptr<CallSet> calls_;
  grpc::ClientContext context_;
  v1::RetrieveQueryRequest request_;
  v1::RetrieveQueryResponse message_;
  playground::Output output_;
  std::size_t bytes_ = 0;
  bool is_too_big_ = false;
  grpc::Status status_;
  bool is_finished_ = false;
  aio::Condition finished_;
  std::shared_ptr<OutputReader> self_;
};

}  // namespace

DbRunnerClient::DbRunnerClient(boost::asio::any_io_executor executor, RemoteService service)
    : executor_(executor), link_(std::move(executor), std::move(service), "runner") {}

aio::Task<Result<playground::RunReply>> DbRunnerClient::RunQuery(std::string schema,
                                                                 std::string query,
                                                                 Deadline deadline) {
  v1::RunQueryRequest request;
  request.set_schema(std::move(schema));
  request.set_query(std::move(query));
  auto method = [](auto& stub, auto... parts) { stub.RunQuery(std::move(parts)...); };
  auto reply =
      co_await Ask<Service, v1::RunQueryResponse>(link_, std::move(request), method, deadline);
  if (!reply) {
    co_return Fail(std::move(reply).error());
  }
  co_return playground::RunReply{.id = reply->id(), .error = reply->error()};
}

aio::Task<Result<playground::OutputRef>> DbRunnerClient::RetrieveQuery(std::string id,
                                                                       Deadline deadline) {
  auto channel = link_.Channel();
  if (!channel) {
    co_return Fail(std::move(channel).error());
  }
  const auto stub = Service::NewStub(*channel);
  const auto reader = std::make_shared<OutputReader>(executor_, link_.calls());
  reader->Begin(*stub, std::move(id), deadline);
  auto output = co_await OutputReader::Await(reader);
  co_return output;
}

aio::Task<Result<bool>> DbRunnerClient::AreQueriesOutputSame(std::string left_id,
                                                             std::string right_id,
                                                             Deadline deadline) {
  v1::AreQueriesOutputSameRequest request;
  request.set_left_id(std::move(left_id));
  request.set_right_id(std::move(right_id));
  auto method = [](auto& stub, auto... parts) { stub.AreQueriesOutputSame(std::move(parts)...); };
  auto reply = co_await Ask<Service, v1::AreQueriesOutputSameResponse>(link_, std::move(request),
                                                                       method, deadline);
  if (!reply) {
    co_return Fail(std::move(reply).error());
  }
  co_return reply->same();
}

}  // namespace paddock::rpc
