// DbRunnerClient and QuestionClient: the ports of playground/services.h in another process.
//
// Used by the gateway for existing front ends when the services are split off.
// Threading: loop thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "playground/services.h"
#include "rpc/services/service_link.h"

namespace paddock::rpc {

class DbRunnerClient final : public playground::DbRunner {
 public:
  DbRunnerClient(boost::asio::any_io_executor executor, RemoteService service);

  aio::Task<Result<playground::RunReply>> RunQuery(std::string schema,
                                                   std::string query,
                                                   Deadline deadline) override;
  /// Also kExhausted: more than an output may be.
  aio::Task<Result<playground::OutputRef>> RetrieveQuery(std::string id,
                                                         Deadline deadline) override;
  aio::Task<Result<bool>> AreQueriesOutputSame(std::string left_id,
                                               std::string right_id,
                                               Deadline deadline) override;

 private:
  boost::asio::any_io_executor executor_;
  ServiceLink link_;
};

class QuestionClient final : public playground::QuestionManager {
 public:
  QuestionClient(boost::asio::any_io_executor executor, RemoteService service);

  aio::Task<Result<playground::SchemaSummary>> GetSchema(std::string id,
                                                         Deadline deadline) override;
  aio::Task<Result<std::string>> GetSchemaInitialSql(std::string id, Deadline deadline) override;
  aio::Task<Result<std::vector<playground::QuestionSummary>>> ListQuestions(
      playground::Cursor cursor, Deadline deadline) override;
  aio::Task<Result<playground::QuestionSummary>> GetQuestion(std::int64_t id,
                                                             Deadline deadline) override;
  aio::Task<Result<playground::QuestionAnswer>> GetQuestionAnswer(std::int64_t id,
                                                                  Deadline deadline) override;
  aio::Task<Result<std::optional<std::string>>> GetQuestionSolution(std::int64_t id,
                                                                    Deadline deadline) override;

 private:
  ServiceLink link_;
};

}  // namespace paddock::rpc
