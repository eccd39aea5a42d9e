// StoryTest: a server of its own with the real routes, store and grading, in which one story
// happens.
//
// Challenges run on SQLite in this process; the clock of attempts is the story's. Used by
// tables_test.cc. Threading and ownership: as ApiTest.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "gateway/playground/database_playground.h"
#include "gateway/routes/testing/people_api_test.h"
#include "identity/rate_limiter.h"
#include "playground/local_questions.h"
#include "playground/local_runner.h"
#include "table.h"

namespace paddock::tables {

class StoryTest : public gateway::PeopleApiTest {
 public:
  explicit StoryTest(Story story);

 private:
  using Response = gateway::testing::RawResponse;

  static gateway::ApiConfig ConfigOfStories();
  void TestBody() override;

  void Do(const MoveClock& act);
  void Do(const WriteQuestion& act);
  void Do(const MakeClass& act);
  void Do(const Submit& act);
  void Do(const Request& act);

  void WriteOne(const WriteQuestion& act, const std::string& name);
  /// The document of a question with those fields beside what all have.
  [[nodiscard]] std::string DocumentOf(const std::string& name,
                                       const std::map<std::string, std::string>& fields);
  void CheckAnswer(const Request& act, const Response& response);
  void CheckPointer(const boost::json::value& document,
                    const std::string& pointer,
                    const yaml::Node& expected);

  /// What `who` asks with: a session's secret, a guest's token, or "".
  [[nodiscard]] const std::string& CredentialOf(const std::string& who);
  /// `text` with <name> replaced by what is known under it: a question's number, a class's or a
  /// person's id, or what a step has kept.
  [[nodiscard]] std::string Filled(std::string_view text);
  [[nodiscard]] std::string Known(const std::string& name);

  Story story_;
  std::map<std::string, std::string> credentials_;
  std::map<std::string, std::string> known_;
  std::map<std::string, std::string> tokens_;  // by person and scopes
  Time now_;
  identity::RateLimiter runs_{{.per_second = 1000, .burst = 1000}, 64};
  playground::LocalRunner runner_of_front_ends_{runner_};
  playground::LocalQuestions bank_of_front_ends_{questions_->bank};
  gateway::DatabasePlayground front_ends_{
      identity::Secret{7},
      {.runner = runner_of_front_ends_, .questions = bank_of_front_ends_, .runs = runs_}};
};

}  // namespace paddock::tables
