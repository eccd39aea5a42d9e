// DatabasePlayground: the gateway that the front ends of Database Playground expect.
//
// Its paths, JSON, statuses and scopes are those of api/database-playground.yaml, which is served
// beside it; docs/database-playground.md says where it differs from its model. The same routes may
// be added below a prefix of one server and at the root of another.
//
// Threading: loop thread only. Ownership: what PlaygroundParts refers to outlives it; it outlives
// the servers of its routers.
#pragma once

#include <string_view>

#include "gateway/playground/challenge_id.h"
#include "gateway/router.h"
#include "identity/rate_limiter.h"
#include "playground/services.h"

namespace paddock::gateway {

struct PlaygroundParts {
  playground::DbRunner& runner;
  playground::QuestionManager& questions;
  /// Of runs, by user; shared with whatever else runs queries for them.
  identity::RateLimiter& runs;
};

class DatabasePlayground {
 public:
  DatabasePlayground(const identity::Secret& secret, PlaygroundParts parts)
      : ids_(secret), parts_(parts) {}

  /// `prefix` is "" or begins with '/'. At the root the pages of `router` are only the reader of
  /// the description.
  void AddTo(Router& router, std::string_view prefix);

 private:
  [[nodiscard]] aio::Task<Response> ListQuestions(Request& request);
  [[nodiscard]] aio::Task<Response> GetQuestion(Request& request);
  [[nodiscard]] aio::Task<Response> GetSolution(Request& request);
  [[nodiscard]] aio::Task<Response> GetSchema(Request& request);
  [[nodiscard]] aio::Task<Response> MakeChallenge(Request& request);
  [[nodiscard]] aio::Task<Response> GetChallenge(Request& request);
  [[nodiscard]] aio::Task<Response> Compare(Request& request);

  /// The output of the question's answer. kInvalid: the answer is wrong itself; kNotFound.
  [[nodiscard]] aio::Task<Result<std::string>> RunAnswer(std::int64_t question, Deadline deadline);
  [[nodiscard]] Result<ChallengeId> ChallengeOf(const Request& request) const;

  ChallengeIds ids_;
  PlaygroundParts parts_;
};

}  // namespace paddock::gateway
