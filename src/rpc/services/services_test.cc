#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include "challenges/testing/scripted_runner.h"
#include "rpc/services/playground_clients.h"
#include "rpc/services/playground_services.h"
#include "rpc/services/runner_service.h"
#include "rpc/services/testing/service_host_test.h"

namespace paddock::rpc {
namespace {

using challenges::RunOutcome;
using sql::CellType;
using ::testing::HasSubstr;

class ScriptedDbRunner final : public playground::DbRunner {
 public:
  aio::Task<Result<playground::RunReply>> RunQuery(std::string schema,
                                                   std::string query,
                                                   Deadline /*deadline*/) override {
    if (query.empty()) {
      co_return Fail(Code::kInvalid, "query is required");
    }
    co_return schema == "broken" ? playground::RunReply{.id = {}, .error = "exec init: no"}
                                 : playground::RunReply{.id = "1", .error = {}};
  }
  aio::Task<Result<playground::OutputRef>> RetrieveQuery(std::string id,
                                                         Deadline /*deadline*/) override {
    if (id != "1") {
      co_return Fail(Code::kNotFound, "id expired – re-query again!");
    }
    co_return std::make_shared<const playground::Output>(output);
  }
  aio::Task<Result<bool>> AreQueriesOutputSame(std::string left_id,
                                               std::string right_id,
                                               Deadline /*deadline*/) override {
    co_return left_id == right_id;
  }
  playground::Output output;
};

class ScriptedQuestions final : public playground::QuestionManager {
 public:
  using Time = playground::Time;
  static inline const Time kMade{std::chrono::milliseconds(1'700'000'000'123)};

  aio::Task<Result<playground::SchemaSummary>> GetSchema(std::string id,
                                                         Deadline /*deadline*/) override {
    if (id != "shop") {
      co_return Fail(Code::kNotFound, "there is no such schema");
    }
    co_return playground::SchemaSummary{.id = "shop",
                                        .picture = std::nullopt,
                                        .description = "A shop",
                                        .created_at = kMade,
                                        .updated_at = kMade};
  }
  aio::Task<Result<std::string>> GetSchemaInitialSql(std::string /*id*/,
                                                     Deadline /*deadline*/) override {
    co_return "CREATE TABLE a(b)";
  }
  aio::Task<Result<std::vector<playground::QuestionSummary>>> ListQuestions(
      playground::Cursor cursor, Deadline /*deadline*/) override {
    asked = cursor;
    co_return std::vector{Question(1), Question(2)};
  }
  aio::Task<Result<playground::QuestionSummary>> GetQuestion(std::int64_t id,
                                                             Deadline /*deadline*/) override {
    co_return Question(id);
  }
  aio::Task<Result<playground::QuestionAnswer>> GetQuestionAnswer(std::int64_t id,
                                                                  Deadline /*deadline*/) override {
    co_return playground::QuestionAnswer{.id = id, .answer = "SELECT 1", .schema_id = "shop"};
  }
  aio::Task<Result<std::optional<std::string>>> GetQuestionSolution(
      std::int64_t id, Deadline /*deadline*/) override {
    co_return id == 1 ? std::optional<std::string>("https://video.example/1") : std::nullopt;
  }
  static playground::QuestionSummary Question(std::int64_t id) {
    return {.id = id,
            .schema_id = "shop",
            .type = "Filtering",
            .difficulty = playground::Difficulty::kMedium,
            .title = "t",
            .description = "d",
            .created_at = kMade,
            .updated_at = kMade};
  }
  playground::Cursor asked;
};

/// All three services at one address, for client "gateway".
class ServicesTest : public testing::ServiceHostTest {
 public:
  ServicesTest() {
    runner_.answer = [this](const challenges::RunRequest&) { return answer_; };
    runner_service_ = MakeRunnerService(*host_, runner_);
    db_runner_service_ = MakeDbRunnerService(*host_, db_runner_);
    question_service_ = MakeQuestionService(*host_, questions_);
    Listen({runner_service_.get(), db_runner_service_.get(), question_service_.get()});
  }
  ~ServicesTest() override { Stop(); }
  ServicesTest(const ServicesTest&) = delete;
  ServicesTest& operator=(const ServicesTest&) = delete;
  ServicesTest(ServicesTest&&) = delete;
  ServicesTest& operator=(ServicesTest&&) = delete;

 protected:
  Result<RunOutcome> answer_ = RunOutcome{};
  challenges::testing::ScriptedRunner runner_;
  ScriptedDbRunner db_runner_;
  ScriptedQuestions questions_;
  std::unique_ptr<grpc::Service> runner_service_;
  std::unique_ptr<grpc::Service> db_runner_service_;
  std::unique_ptr<grpc::Service> question_service_;
};

TEST_F(ServicesTest, ARunKeepsItsTypesItsLimitsAndEveryResult) {
  challenges::ResultSet result{
      .columns = {{.name = "n", .type = "INTEGER", .cell_type = CellType::kInteger},
                  {.name = "n", .type = "", .cell_type = CellType::kText}},
      .rows = sql::Rows(2)};
  result.rows.Add(CellType::kInteger, "9223372036854775807");
  result.rows.AddNull();
  result.rows.Add(CellType::kText, "");
  result.rows.Add(CellType::kBytes, "00ff");
  answer_->results = {result, {.columns = {{.name = "x"}}, .rows = sql::Rows(1)}};
  answer_->checks = {result};
  answer_->deterministic = false;
  answer_->engine_version = "SQLite 3.40.1";
  answer_->limit = challenges::LimitHit::kRows;
  answer_->cached = true;
  RunnerClient client(loop_.get_executor(), As("gateway"));
  challenges::RunRequest request;
  request.schema = challenges::MakeSchema(sql::Dialect::kSqlite, "CREATE TABLE a(b)");
  request.query = "SELECT 1";
  request.checks = {"SELECT 2"};
  request.shims = challenges::kAllShims;
  request.limits = {.time = std::chrono::milliseconds(77), .rows = 5};
  auto ran = Await(client.Run(request, Soon()));
  ASSERT_TRUE(ran) << ran.error().message;
  EXPECT_EQ(runner_.asked.schema->digest, request.schema->digest);
  EXPECT_EQ(runner_.asked.query, request.query);
  EXPECT_EQ(runner_.asked.checks, request.checks);
  EXPECT_EQ(runner_.asked.shims, request.shims);
  EXPECT_EQ(runner_.asked.limits, request.limits);
  const RunOutcome& outcome = **ran;
  ASSERT_EQ(outcome.results.size(), 2);
  EXPECT_EQ(outcome.results[0].columns, result.columns);
  ASSERT_EQ(outcome.results[0].rows.row_count(), 2);
  EXPECT_EQ(outcome.results[0].rows.At(0, 0).text, "9223372036854775807");
  EXPECT_TRUE(outcome.results[0].rows.At(0, 1).is_null());
  EXPECT_FALSE(outcome.results[0].rows.At(1, 0).is_null()) << "an empty text is a text";
  EXPECT_EQ(outcome.results[0].rows.At(1, 1).type, CellType::kBytes);
  EXPECT_EQ(outcome.results[1].rows.row_count(), 0);
  EXPECT_EQ(outcome.checks.size(), 1);
  EXPECT_FALSE(outcome.deterministic);
  EXPECT_EQ(outcome.limit, challenges::LimitHit::kRows);
  EXPECT_TRUE(outcome.cached);
  EXPECT_EQ(outcome.engine_version, "SQLite 3.40.1");
}

TEST_F(ServicesTest, WhatTheDatabaseSaidArrivesWithItsPosition) {
  answer_->error = {.code = "1", .message = "near \"FORM\": syntax error", .position = 9};
  RunnerClient client(loop_.get_executor(), As("gateway"));
  challenges::RunRequest request;
  request.schema = challenges::MakeSchema(sql::Dialect::kSqlite, "");
  auto ran = Await(client.Run(request, Soon()));
  ASSERT_TRUE(ran) << ran.error().message;
  ASSERT_TRUE((*ran)->error);
  EXPECT_EQ((*ran)->error->message, "near \"FORM\": syntax error");
  EXPECT_EQ((*ran)->error->position, 9);
  answer_ = Fail(Code::kInvalid, "no such table: x");
  auto failed = Await(client.Run(request, Soon()));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::kInvalid);
  EXPECT_EQ(failed.error().reason(), "no such table: x");
}

// It is this process that is refused, so nobody who asks through it is denied anything.
TEST_F(ServicesTest, AClientThatIsNotNamedIsRefusedByEveryService) {
  const auto stranger = As("stranger");
  const auto expect_refused = [](const auto& result) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Code::kUnavailable);
    EXPECT_THAT(result.error().message, HasSubstr("'stranger' is good, but"));
  };
  RunnerClient runner(loop_.get_executor(), stranger);
  challenges::RunRequest request;
  request.schema = challenges::MakeSchema(sql::Dialect::kSqlite, "");
  expect_refused(Await(runner.Run(request, Soon())));
  DbRunnerClient db_runner(loop_.get_executor(), stranger);
  expect_refused(Await(db_runner.RunQuery("a", "b", Soon())));
  expect_refused(Await(db_runner.RetrieveQuery("1", Soon())));
  QuestionClient questions(loop_.get_executor(), stranger);
  expect_refused(Await(questions.GetQuestion(1, Soon())));
}

/// The status of one call, by the bytes of its request and reply, as any tool would make it.
grpc::Status CallRaw(const std::shared_ptr<grpc::Channel>& channel,
                     const std::string& method,
                     const std::string& request,
                     std::string& reply) {
  grpc::GenericStub stub(channel);
  grpc::CompletionQueue queue;
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  const grpc::Slice bytes(request);
  const auto call = stub.PrepareUnaryCall(&context, method, grpc::ByteBuffer(&bytes, 1), &queue);
  grpc::ByteBuffer received;
  grpc::Status status;
  call->StartCall();
  call->Finish(&received, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  grpc::Slice slice;
  if (status.ok() && received.DumpToSingleSlice(&slice).ok()) {
    reply.assign(slice.begin(), slice.end());
  }
  return status;
}

// They are gRPC's own services, and say a lot.
TEST_F(ServicesTest, HealthAndReflectionAreForNamedClientsOnly) {
  const std::string health = "/grpc.health.v1.Health/Check";
  const std::string reflection = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
  const std::string list_services = "\x3a\x01*";
  std::string reply;
  const auto own = ChannelAs("gateway");
  ASSERT_TRUE(CallRaw(own, health, "", reply).ok());
  EXPECT_EQ(reply, "\x08\x01") << "serving";
  ASSERT_TRUE(CallRaw(own, reflection, list_services, reply).ok());
  EXPECT_THAT(reply, HasSubstr("dbrunner.v1.DbRunnerService"));
  EXPECT_THAT(reply, HasSubstr("questionmanager.v1.QuestionManagerService"));
  EXPECT_THAT(reply, HasSubstr("paddock.runner.v1.Runner"));
  const auto strange = ChannelAs("stranger");
  for (const std::string& method : {health, reflection}) {
    const auto status = CallRaw(strange, method, list_services, reply);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED) << method;
  }
}

TEST_F(ServicesTest, AnOutputIsStreamedWithItsHeaderItsRowsAndItsNulls) {
  db_runner_.output.header = {"id", "名前"};
  for (int i = 0; i < 5'000; ++i) {
    db_runner_.output.rows.push_back(
        {std::to_string(i), i % 2 == 0 ? std::optional<std::string>() : std::optional("NULL")});
  }
  DbRunnerClient client(loop_.get_executor(), As("gateway"));
  const auto reply = Await(client.RunQuery("schema", "SELECT 1", Soon()));
  ASSERT_TRUE(reply) << reply.error().message;
  const auto output = Await(client.RetrieveQuery(reply->id, Soon()));
  ASSERT_TRUE(output) << output.error().message;
  EXPECT_EQ(**output, db_runner_.output);
  EXPECT_TRUE(*Await(client.AreQueriesOutputSame("1", "1", Soon())));
  EXPECT_FALSE(*Await(client.AreQueriesOutputSame("1", "2", Soon())));
}

TEST_F(ServicesTest, AQueryThatFailsIsAnAnswerAndARequestThatIsIncompleteIsNot) {
  DbRunnerClient client(loop_.get_executor(), As("gateway"));
  const auto failed = Await(client.RunQuery("broken", "SELECT 1", Soon()));
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->error, "exec init: no");
  EXPECT_EQ(Await(client.RunQuery("schema", "", Soon())).error().code, Code::kInvalid);
  const auto expired = Await(client.RetrieveQuery("2", Soon()));
  ASSERT_FALSE(expired);
  EXPECT_EQ(expired.error().code, Code::kNotFound);
  EXPECT_EQ(expired.error().reason(), "id expired – re-query again!");
}

TEST_F(ServicesTest, TheQuestionBankIsReadAsItIs) {
  QuestionClient client(loop_.get_executor(), As("gateway"));
  const auto schema = Await(client.GetSchema("shop", Soon()));
  ASSERT_TRUE(schema) << schema.error().message;
  EXPECT_EQ(schema->description, "A shop");
  EXPECT_EQ(schema->picture, std::nullopt);
  EXPECT_EQ(schema->created_at, ScriptedQuestions::kMade) << "to the millisecond";
  EXPECT_EQ(Await(client.GetSchema("zoo", Soon())).error().code, Code::kNotFound);
  EXPECT_EQ(*Await(client.GetSchemaInitialSql("shop", Soon())), "CREATE TABLE a(b)");
  const auto list = Await(client.ListQuestions({.limit = 2, .offset = 40}, Soon()));
  ASSERT_TRUE(list);
  ASSERT_EQ(list->size(), 2);
  EXPECT_EQ(list->back().id, 2);
  EXPECT_EQ(list->back().difficulty, playground::Difficulty::kMedium);
  EXPECT_EQ(questions_.asked.offset, 40);
  EXPECT_EQ(Await(client.GetQuestionAnswer(7, Soon()))->answer, "SELECT 1");
  EXPECT_EQ(*Await(client.GetQuestionSolution(1, Soon())), "https://video.example/1");
  EXPECT_EQ(*Await(client.GetQuestionSolution(2, Soon())), std::nullopt);
}

TEST_F(ServicesTest, AListHasBoundsWhateverIsAskedFor) {
  QuestionClient client(loop_.get_executor(), As("gateway"));
  ASSERT_TRUE(Await(client.ListQuestions({.limit = 0, .offset = 0}, Soon())));
  EXPECT_EQ(questions_.asked.limit, 10);
  ASSERT_TRUE(Await(client.ListQuestions({.limit = 114'514, .offset = 0}, Soon())));
  EXPECT_EQ(questions_.asked.limit, 100);
  EXPECT_EQ(Await(client.ListQuestions({.limit = -1, .offset = 0}, Soon())).error().code,
            Code::kInvalid);
  EXPECT_EQ(Await(client.ListQuestions({.limit = 1, .offset = -1}, Soon())).error().code,
            Code::kInvalid);
}

TEST_F(ServicesTest, AServiceThatIsGoneIsUnavailable) {
  auto service = As("gateway");
  service.address = "localhost:1";
  QuestionClient client(loop_.get_executor(), service);
  EXPECT_EQ(Await(client.GetQuestion(1, Soon())).error().code, Code::kUnavailable);
}

}  // namespace
}  // namespace paddock::rpc
