#include <memory>
#include <utility>

#include "questionmanager/v1/questionmanager.grpc.pb.h"
#include "rpc/services/playground_clients.h"
#include "rpc/services/question_messages.h"

namespace paddock::rpc {
namespace v1 = questionmanager::v1;

using Service = v1::QuestionManagerService;

QuestionClient::QuestionClient(boost::asio::any_io_executor executor, RemoteService service)
    : link_(std::move(executor), std::move(service), "question service") {}

aio::Task<Result<playground::SchemaSummary>> QuestionClient::GetSchema(std::string id,
                                                                       Deadline deadline) {
  v1::GetSchemaRequest request;
  request.set_id(std::move(id));
  auto method = [](auto& stub, auto... parts) { stub.GetSchema(std::move(parts)...); };
  auto reply =
      co_await Ask<Service, v1::GetSchemaResponse>(link_, std::move(request), method, deadline);
  if (!reply) {
    co_return Fail(std::move(reply).error());
  }
  co_return SchemaOf(reply->schema());
}

aio::Task<Result<std::string>> QuestionClient::GetSchemaInitialSql(std::string id,
                                                                   Deadline deadline) {
  v1::GetSchemaInitialSQLRequest request;
  request.set_id(std::move(id));
  auto method = [](auto& stub, auto... parts) { stub.GetSchemaInitialSQL(std::move(parts)...); };
  auto reply = co_await Ask<Service, v1::GetSchemaInitialSQLResponse>(link_, std::move(request),
                                                                      method, deadline);
  if (!reply) {
    co_return Fail(std::move(reply).error());
  }
  co_return reply->schema_initial_sql().initial_sql();
}

aio::Task<Result<std::vector<playground::QuestionSummary>>> QuestionClient::ListQuestions(
    playground::Cursor cursor, Deadline deadline) {
  v1::ListQuestionsRequest request;
  request.mutable_cursor()->set_limit(cursor.limit);
  request.mutable_cursor()->set_offset(cursor.offset);
  auto method = [](auto& stub, auto... parts) { stub.ListQuestions(std::move(parts)...); };
  auto reply =
      co_await Ask<Service, v1::ListQuestionsResponse>(link_, std::move(request), method, deadline);
  if (!reply) {
    co_return Fail(std::move(reply).error());
  }
  std::vector<playground::QuestionSummary> questions;
  for (const v1::Question& question : reply->questions()) {
    questions.push_back(QuestionOf(question));
  }
  co_return questions;
}

aio::Task<Result<playground::QuestionSummary>> QuestionClient::GetQuestion(std::int64_t id,
                                                                           Deadline deadline) {
  v1::GetQuestionRequest request;
  request.set_id(id);
  auto method = [](auto& stub, auto... parts) { stub.GetQuestion(std::move(parts)...); };
  auto reply =
      co_await Ask<Service, v1::GetQuestionResponse>(link_, std::move(request), method, deadline);
  if (!reply) {
    co_return Fail(std::move(reply).error());
  }
  co_return QuestionOf(reply->question());
}

aio::Task<Result<playground::QuestionAnswer>> QuestionClient::GetQuestionAnswer(std::int64_t id,
                                                                                Deadline deadline) {
  v1::GetQuestionAnswerRequest request;
  request.set_id(id);
  auto method = [](auto& stub, auto... parts) { stub.GetQuestionAnswer(std::move(parts)...); };
  auto reply = co_await Ask<Service, v1::GetQuestionAnswerResponse>(link_, std::move(request),
                                                                    method, deadline);
  if (!reply) {
    co_return Fail(std::move(reply).error());
  }
  const v1::QuestionAnswer& answer = reply->question_answer();
  co_return playground::QuestionAnswer{
      .id = answer.id(), .answer = answer.answer(), .schema_id = answer.schema()};
}

aio::Task<Result<std::optional<std::string>>> QuestionClient::GetQuestionSolution(
    std::int64_t id, Deadline deadline) {
  v1::GetQuestionSolutionRequest request;
  request.set_id(id);
  auto method = [](auto& stub, auto... parts) { stub.GetQuestionSolution(std::move(parts)...); };
  auto reply = co_await Ask<Service, v1::GetQuestionSolutionResponse>(link_, std::move(request),
                                                                      method, deadline);
  if (!reply) {
    co_return Fail(std::move(reply).error());
  }
  const v1::QuestionSolution& solution = reply->question_solution();
  co_return solution.has_solution_video() ? std::optional(solution.solution_video())
                                          : std::optional<std::string>();
}

}  // namespace paddock::rpc
