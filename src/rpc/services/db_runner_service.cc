#include <cstddef>
#include <string>
#include <utility>

#include "dbrunner/v1/dbrunner.grpc.pb.h"
#include "rpc/services/playground_services.h"

namespace paddock::rpc {
namespace v1 = dbrunner::v1;

namespace {

using Run = playground::RunReply;

/// Sends an output: the header, then row by row, each when gRPC has taken the one before.
class OutputWriter final : public grpc::ServerWriteReactor<v1::RetrieveQueryResponse> {
 public:
  // Once, on the loop.
  void Begin(playground::OutputRef output) {
    output_ = std::move(output);
    auto& header = *message_.mutable_header();
    for (const std::string& name : output_->header) {
      header.add_header(name);
    }
    StartWrite(&message_);
  }

  void OnWriteDone(bool ok) override {
    if (!ok) {
      Finish(grpc::Status(grpc::StatusCode::CANCELLED, "nobody reads any more"));
    } else if (next_row_ == output_->rows.size()) {
      Finish(grpc::Status::OK);
    } else {
      WriteRow();
    }
  }
  void OnDone() override { delete this; }  // NOLINT: the interface's way

 private:
  void WriteRow() {
    message_.Clear();
    auto& row = *message_.mutable_row();
    for (const auto& text : output_->rows[next_row_]) {
      auto* cell = row.add_cells();
      if (text) {
        cell->set_value(*text);
      }
    }
    ++next_row_;
    StartWrite(&message_);
  }

  playground::OutputRef output_;
  std::size_t next_row_ = 0;
  v1::RetrieveQueryResponse message_;
};

class DbRunnerService final : public v1::DbRunnerService::CallbackService {
 public:
  DbRunnerService(ServiceHost& host, playground::DbRunner& runner) : host_(host), runner_(runner) {}

  grpc::ServerUnaryReactor* RunQuery(grpc::CallbackServerContext* context,
                                     const v1::RunQueryRequest* request,
                                     v1::RunQueryResponse* reply) override {
    auto call = [this, schema = request->schema(), query = request->query()](Deadline deadline) {
      return runner_.RunQuery(schema, query, deadline);
    };
    return host_.Serve<Run>(*context, std::move(call), [reply](const Run& run) {
      if (run.id.empty()) {
        reply->set_error(run.error);
      } else {
        reply->set_id(run.id);
      }
    });
  }

  grpc::ServerWriteReactor<v1::RetrieveQueryResponse>* RetrieveQuery(
      grpc::CallbackServerContext* context, const v1::RetrieveQueryRequest* request) override {
    auto* writer = new OutputWriter;  // NOLINT: deletes itself when done
    context->AddInitialMetadata("output-hash", request->id());
    const Deadline deadline = ServiceHost::DeadlineOf(*context);
    host_.Spawn(
        [this, writer, id = request->id(), deadline] { return Send(*writer, id, deadline); });
    return writer;
  }

  grpc::ServerUnaryReactor* AreQueriesOutputSame(grpc::CallbackServerContext* context,
                                                 const v1::AreQueriesOutputSameRequest* request,
                                                 v1::AreQueriesOutputSameResponse* reply) override {
    auto call = [this, left = request->left_id(), right = request->right_id()](Deadline deadline) {
      return runner_.AreQueriesOutputSame(left, right, deadline);
    };
    return host_.Serve<bool>(*context, std::move(call),
                             [reply](bool same) { reply->set_same(same); });
  }

 private:
  // `writer` lives until it has finished.
  aio::Task<void> Send(OutputWriter& writer, std::string id, Deadline deadline) {
    auto output = co_await runner_.RetrieveQuery(std::move(id), deadline);
    if (output) {
      writer.Begin(*std::move(output));
    } else {
      writer.Finish(ToStatus(output.error()));
    }
  }

  ServiceHost& host_;
  playground::DbRunner& runner_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeDbRunnerService(ServiceHost& host,
                                                   playground::DbRunner& runner) {
  return std::make_unique<DbRunnerService>(host, runner);
}

}  // namespace paddock::rpc
