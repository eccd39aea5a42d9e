// QuestionClient: the question bank of a running server, through its API.
//
// Used by questions_command.h. Threading: one task at a time, on a loop thread. Ownership: the HTTP
// client outlives it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "aio/task.h"
#include "app/question_target.h"
#include "base/deadline.h"
#include "base/result.h"
#include "oidc/http_client.h"
#include "questions/sources.h"

namespace paddock::app {

struct ListedQuestion {
  std::int64_t number = 0;
  std::string slug;
  std::string difficulty;
  std::string schema;
  std::string title;
};

class QuestionClient final : public QuestionTarget {
 public:
  /// `server` is its origin: "https://paddock.example"; `token` one with manage:class and
  /// read:question, of a teacher or an admin.
  QuestionClient(oidc::HttpClient& client, std::string server, std::string token)
      : client_(client), server_(std::move(server)), token_(std::move(token)) {}

  // All fail with what the server says (kInvalid: the document, with a line for each mistake), and
  // as HttpClient::Send.

  [[nodiscard]] aio::Task<Result<PutOutcome>> PutSchema(questions::SourceSchema schema) override;
  [[nodiscard]] aio::Task<Result<PutOutcome>> PutQuestion(
      questions::SourceQuestion question) override;

  [[nodiscard]] aio::Task<Result<std::vector<ListedQuestion>>> List(std::string search);

 private:
  [[nodiscard]] aio::Task<Result<boost::json::value>> Ask(oidc::HttpRequest request);
  [[nodiscard]] aio::Task<Result<boost::json::value>> Get(std::string path);
  [[nodiscard]] aio::Task<Result<boost::json::value>> Send(std::string path,
                                                           boost::json::object body,
                                                           bool is_put);
  /// Changes the document at `path` when it is another one.
  [[nodiscard]] aio::Task<Result<PutOutcome>> Replace(std::string path, std::string document);

  oidc::HttpClient& client_;
  std::string server_;
  std::string token_;
};

}  // namespace paddock::app
