// FakeDbRunner, FakeQuestions and FakeRunner: what the gateway for Database Playground stands on,
// in memory and as a test says.
//
// Threading: the fields are set before a request, and read after it. Ownership: plain values.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "challenges/runner.h"
#include "playground/services.h"

namespace paddock::gateway::testing {

/// Knows the outputs of queries by their text; all others are wrong.
class FakeDbRunner final : public playground::DbRunner {
 public:
  aio::Task<Result<playground::RunReply>> RunQuery(std::string schema,
                                                   std::string query,
                                                   Deadline /*deadline*/) override {
    asked_schema = std::move(schema);
    if (failure) {
      co_return Fail(*failure);
    }
    const auto found = outputs.find(query);
    if (found == outputs.end()) {
      co_return playground::RunReply{.id = {}, .error = "query: no such table: x"};
    }
    kept[found->second.first] = found->second.second;
    co_return playground::RunReply{.id = found->second.first, .error = {}};
  }
  aio::Task<Result<playground::OutputRef>> RetrieveQuery(std::string id,
                                                         Deadline /*deadline*/) override {
    const auto found = kept.find(id);
    if (found == kept.end()) {
      co_return Fail(Code::kNotFound, "id expired – re-query again!");
    }
    co_return std::make_shared<const playground::Output>(found->second);
  }
  aio::Task<Result<bool>> AreQueriesOutputSame(std::string left_id,
                                               std::string right_id,
                                               Deadline /*deadline*/) override {
    if (!kept.contains(left_id) || !kept.contains(right_id)) {
      co_return Fail(Code::kNotFound, "right_id expired – re-query again!");
    }
    co_return (left_id == right_id);
  }

  std::map<std::string, std::pair<std::string, playground::Output>> outputs;  // by query
  std::map<std::string, playground::Output> kept;
  std::optional<Error> failure;
  std::string asked_schema;
};

/// Questions of one schema, "shop".
class FakeQuestions final : public playground::QuestionManager {
 public:
  aio::Task<Result<playground::SchemaSummary>> GetSchema(std::string id,
                                                         Deadline /*deadline*/) override {
    if (id != schema.id) {
      co_return Fail(Code::kNotFound, "no such schema");
    }
    co_return schema;
  }
  aio::Task<Result<std::string>> GetSchemaInitialSql(std::string id,
                                                     Deadline /*deadline*/) override {
    if (id != schema.id) {
      co_return Fail(Code::kNotFound, "no such schema");
    }
    co_return script;
  }
  aio::Task<Result<std::vector<playground::QuestionSummary>>> ListQuestions(
      playground::Cursor cursor, Deadline /*deadline*/) override {
    asked_cursor = cursor;
    if (failure) {
      co_return Fail(*failure);
    }
    std::vector<playground::QuestionSummary> all;
    all.reserve(questions.size());
    for (const auto& [id, question] : questions) {
      all.push_back(question);
    }
    co_return all;
  }
  aio::Task<Result<playground::QuestionSummary>> GetQuestion(std::int64_t id,
                                                             Deadline /*deadline*/) override {
    const auto found = questions.find(id);
    if (found == questions.end()) {
      co_return Fail(Code::kNotFound, "no such question");
    }
    co_return found->second;
  }
  aio::Task<Result<playground::QuestionAnswer>> GetQuestionAnswer(std::int64_t id,
                                                                  Deadline /*deadline*/) override {
    if (!questions.contains(id)) {
      co_return Fail(Code::kNotFound, "no such question");
    }
    co_return playground::QuestionAnswer{.id = id, .answer = answer, .schema_id = schema.id};
  }
  aio::Task<Result<std::optional<std::string>>> GetQuestionSolution(
      std::int64_t id, Deadline /*deadline*/) override {
    if (!questions.contains(id)) {
      co_return Fail(Code::kNotFound, "no such question");
    }
    co_return video;
  }

  playground::SchemaSummary schema{.id = "shop",
                                   .picture = std::nullopt,
                                   .description = "A shop",
                                   .created_at = {},
                                   .updated_at = {}};
  std::map<std::int64_t, playground::QuestionSummary> questions;
  std::string script = "CREATE TABLE t (n);";
  std::string answer = "SELECT right";
  std::optional<std::string> video;
  std::optional<Error> failure;
  playground::Cursor asked_cursor;
};

/// Answers what it was told, and remembers what it was asked.
class FakeRunner final : public challenges::Runner {
 public:
  aio::Task<Result<challenges::RunOutcomeRef>> Run(challenges::RunRequest request,
                                                   Deadline /*deadline*/) override {
    asked = std::move(request);
    if (failure) {
      co_return Fail(*failure);
    }
    co_return std::make_shared<const challenges::RunOutcome>(outcome);
  }

  challenges::RunOutcome outcome;
  std::optional<Error> failure;
  challenges::RunRequest asked;
};

}  // namespace paddock::gateway::testing
