// DbRunner and QuestionManager: the two services that the front ends of Database Playground stand
// on.
//
// Their methods and meanings are those of dbrunner.v1 and questionmanager.v1 (api/dbrunner.proto,
// api/questionmanager.proto), so that the gateway for those front ends does not know whether they
// are in its own process (local_runner.h) or behind gRPC (rpc/playground_clients.h).
// Behaviour: docs/database-playground.md.
//
// Threading: loop thread; calls may overlap. Every call may fail with kUnavailable, kExhausted,
// kDeadlineExceeded and kCancelled.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"

namespace paddock::playground {

/// A table as those front ends read it: every cell a text, or NULL.
struct Output {
  std::vector<std::string> header;
  std::vector<std::vector<std::optional<std::string>>> rows;
  friend bool operator==(const Output&, const Output&) = default;
};
using OutputRef = std::shared_ptr<const Output>;

/// Exactly one is not empty.
struct RunReply {
  std::string id;     // of the output, kept for an hour after it was last asked for
  std::string error;  // what the database said about the query
};

class DbRunner {
 public:
  DbRunner() = default;
  DbRunner(const DbRunner&) = delete;
  DbRunner& operator=(const DbRunner&) = delete;
  virtual ~DbRunner() = default;

  /// kInvalid: "schema is required", "query is required".
  [[nodiscard]] virtual aio::Task<Result<RunReply>> RunQuery(std::string schema,
                                                             std::string query,
                                                             Deadline deadline) = 0;
  /// kNotFound: the output has expired.
  [[nodiscard]] virtual aio::Task<Result<OutputRef>> RetrieveQuery(std::string id,
                                                                   Deadline deadline) = 0;
  /// Header, rows, their order and every text alike. kNotFound as above.
  [[nodiscard]] virtual aio::Task<Result<bool>> AreQueriesOutputSame(std::string left_id,
                                                                     std::string right_id,
                                                                     Deadline deadline) = 0;
};

using Time = std::chrono::system_clock::time_point;

struct SchemaSummary {
  std::string id;
  std::optional<std::string> picture;
  std::string description;
  Time created_at;
  Time updated_at;
};

enum class Difficulty : std::uint8_t { kUnspecified, kEasy, kMedium, kHard };

struct QuestionSummary {
  std::int64_t id = 0;
  std::string schema_id;
  std::string type;
  Difficulty difficulty = Difficulty::kUnspecified;
  std::string title;
  std::string description;
  Time created_at;
  Time updated_at;
};

struct QuestionAnswer {
  std::int64_t id = 0;
  std::string answer;
  std::string schema_id;
};

struct Cursor {
  std::int64_t limit = 10;  // 1 to kCursorLimitMax
  std::int64_t offset = 0;
};
inline constexpr std::int64_t kCursorLimitMax = 100;

/// Of what everybody may see; kNotFound for all else.
class QuestionManager {
 public:
  QuestionManager() = default;
  QuestionManager(const QuestionManager&) = delete;
  QuestionManager& operator=(const QuestionManager&) = delete;
  virtual ~QuestionManager() = default;

  [[nodiscard]] virtual aio::Task<Result<SchemaSummary>> GetSchema(std::string id,
                                                                   Deadline deadline) = 0;
  [[nodiscard]] virtual aio::Task<Result<std::string>> GetSchemaInitialSql(std::string id,
                                                                           Deadline deadline) = 0;
  /// By id.
  [[nodiscard]] virtual aio::Task<Result<std::vector<QuestionSummary>>> ListQuestions(
      Cursor cursor, Deadline deadline) = 0;
  [[nodiscard]] virtual aio::Task<Result<QuestionSummary>> GetQuestion(std::int64_t id,
                                                                       Deadline deadline) = 0;
  [[nodiscard]] virtual aio::Task<Result<QuestionAnswer>> GetQuestionAnswer(std::int64_t id,
                                                                            Deadline deadline) = 0;
  /// The address of a video, if there is one.
  [[nodiscard]] virtual aio::Task<Result<std::optional<std::string>>> GetQuestionSolution(
      std::int64_t id, Deadline deadline) = 0;
};

}  // namespace paddock::playground
