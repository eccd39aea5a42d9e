#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "questionmanager/v1/questionmanager.grpc.pb.h"
#include "rpc/services/playground_services.h"
#include "rpc/services/question_messages.h"

namespace paddock::rpc {
namespace v1 = questionmanager::v1;

namespace {

using Questions = std::vector<playground::QuestionSummary>;

/// What is not given, or nothing, is the usual; more than the most is the most.
Result<playground::Cursor> CursorOf(const v1::ListQuestionsRequest& request) {
  playground::Cursor cursor;
  const std::int64_t limit = request.cursor().limit();
  const std::int64_t offset = request.cursor().offset();
  if (limit < 0 || offset < 0) {
    return Fail(Code::kInvalid, "cursor: limit and offset cannot be negative");
  }
  cursor.limit = limit == 0 ? cursor.limit : std::min(limit, playground::kCursorLimitMax);
  cursor.offset = offset;
  return cursor;
}

aio::Task<Result<Questions>> Refuse(Error error) { co_return Fail(std::move(error)); }

class QuestionService final : public v1::QuestionManagerService::CallbackService {
 public:
  QuestionService(ServiceHost& host, playground::QuestionManager& questions)
      : host_(host), questions_(questions) {}

  grpc::ServerUnaryReactor* GetSchema(grpc::CallbackServerContext* context,
                                      const v1::GetSchemaRequest* request,
                                      v1::GetSchemaResponse* reply) override {
    auto call = [this, id = request->id()](Deadline deadline) {
      return questions_.GetSchema(id, deadline);
    };
    return host_.Serve<playground::SchemaSummary>(*context, std::move(call),
                                                  [reply](const playground::SchemaSummary& schema) {
                                                    Fill(schema, *reply->mutable_schema());
                                                  });
  }

  grpc::ServerUnaryReactor* GetSchemaInitialSQL(grpc::CallbackServerContext* context,
                                                const v1::GetSchemaInitialSQLRequest* request,
                                                v1::GetSchemaInitialSQLResponse* reply) override {
    auto call = [this, id = request->id()](Deadline deadline) {
      return questions_.GetSchemaInitialSql(id, deadline);
    };
    return host_.Serve<std::string>(
        *context, std::move(call), [reply, id = request->id()](std::string script) {
          reply->mutable_schema_initial_sql()->set_id(id);
          reply->mutable_schema_initial_sql()->set_initial_sql(std::move(script));
        });
  }

  grpc::ServerUnaryReactor* ListQuestions(grpc::CallbackServerContext* context,
                                          const v1::ListQuestionsRequest* request,
                                          v1::ListQuestionsResponse* reply) override {
    auto call = [this, cursor = CursorOf(*request)](Deadline deadline) {
      return cursor ? questions_.ListQuestions(*cursor, deadline) : Refuse(cursor.error());
    };
    return host_.Serve<Questions>(*context, std::move(call), [reply](const Questions& questions) {
      for (const playground::QuestionSummary& question : questions) {
        Fill(question, *reply->add_questions());
      }
    });
  }

  grpc::ServerUnaryReactor* GetQuestion(grpc::CallbackServerContext* context,
                                        const v1::GetQuestionRequest* request,
                                        v1::GetQuestionResponse* reply) override {
    auto call = [this, id = request->id()](Deadline deadline) {
      return questions_.GetQuestion(id, deadline);
    };
    return host_.Serve<playground::QuestionSummary>(
        *context, std::move(call), [reply](const playground::QuestionSummary& question) {
          Fill(question, *reply->mutable_question());
        });
  }

  grpc::ServerUnaryReactor* GetQuestionAnswer(grpc::CallbackServerContext* context,
                                              const v1::GetQuestionAnswerRequest* request,
                                              v1::GetQuestionAnswerResponse* reply) override {
    auto call = [this, id = request->id()](Deadline deadline) {
      return questions_.GetQuestionAnswer(id, deadline);
    };
    return host_.Serve<playground::QuestionAnswer>(
        *context, std::move(call), [reply](const playground::QuestionAnswer& answer) {
          auto& out = *reply->mutable_question_answer();
          out.set_id(answer.id);
          out.set_answer(answer.answer);
          out.set_schema(answer.schema_id);
        });
  }

  grpc::ServerUnaryReactor* GetQuestionSolution(grpc::CallbackServerContext* context,
                                                const v1::GetQuestionSolutionRequest* request,
                                                v1::GetQuestionSolutionResponse* reply) override {
    auto call = [this, id = request->id()](Deadline deadline) {
      return questions_.GetQuestionSolution(id, deadline);
    };
    return host_.Serve<std::optional<std::string>>(
        *context, std::move(call),
        [reply, id = request->id()](const std::optional<std::string>& video) {
          auto& out = *reply->mutable_question_solution();
          out.set_id(id);
          if (video) {
            out.set_solution_video(*video);
          }
        });
  }

 private:
  ServiceHost& host_;
  playground::QuestionManager& questions_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeQuestionService(ServiceHost& host,
                                                   playground::QuestionManager& questions) {
  return std::make_unique<QuestionService>(host, questions);
}

}  // namespace paddock::rpc
