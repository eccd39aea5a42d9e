#include "oidc/provider.h"

#include <chrono>
#include <optional>
#include <string>

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aio/task_scope.h"
#include "oidc/testing/provider_fixture.h"

namespace paddock::oidc {
namespace {

using std::chrono::seconds;

class ProviderTest : public testing::ProviderFixture {
 protected:
  ProviderTest() { AnswerKeys({first_.PublicJson()}); }

  Result<SharedKeys> Keys() { return Run(provider_.Keys(now_, Soon())); }
  Result<SharedKeys> NewerThan(SharedKeys known) {
    return Run(provider_.NewerKeys(std::move(known), now_, Soon()));
  }

  testing::SigningKey first_{Algorithm::kEdDsa, "first"};
  testing::SigningKey second_{Algorithm::kEdDsa, "second"};
  const RefreshPolicy policy_;
};

TEST_F(ProviderTest, KeysAreFetchedOnceWhileTheyAreFresh) {
  EXPECT_TRUE(client_.requests.empty());
  for (int i = 0; i < 3; ++i) {
    const auto keys = Keys();
    ASSERT_TRUE(keys) << keys.error().message;
    EXPECT_EQ((*keys)->front().id, "first");
    Pass(policy_.fresh_time / 3 - seconds(1));
  }
  EXPECT_EQ(KeyFetches(), 1);
  EXPECT_EQ(client_.CountOf(MetadataUrl(kIssuer)), 1);
  Pass(seconds(3));
  AnswerKeys({second_.PublicJson()});
  EXPECT_EQ((*Keys())->front().id, "second");
  EXPECT_EQ(KeyFetches(), 2);
}

TEST_F(ProviderTest, AProviderThatNeverAnsweredIsUnavailableAndAskedLessAndLess) {
  GoDown();
  int asked = 0;
  seconds pause = policy_.retry_first;
  for (int failures = 1; failures < 12; ++failures) {
    const auto keys = Keys();
    ASSERT_FALSE(keys);
    EXPECT_EQ(keys.error().code, Code::kUnavailable);
    EXPECT_GT(static_cast<int>(client_.requests.size()), asked) << "after " << failures;
    asked = static_cast<int>(client_.requests.size());
    Pass(pause - seconds(1));
    EXPECT_EQ(Keys().error().code, Code::kUnavailable);
    EXPECT_EQ(static_cast<int>(client_.requests.size()), asked) << "in the pause of " << failures;
    Pass(seconds(1));
    pause = std::min(pause * 2, policy_.retry_max);
  }
  EXPECT_EQ(pause, policy_.retry_max);
}

TEST_F(ProviderTest, ItRecoversWithoutARestart) {
  GoDown();
  EXPECT_FALSE(Keys());
  AnswerMetadata();
  AnswerKeys({first_.PublicJson()});
  EXPECT_FALSE(Keys()) << "the pause runs";
  Pass(policy_.retry_first);
  EXPECT_TRUE(Keys());
  // A success forgets the pauses.
  Pass(policy_.fresh_time);
  GoDown();
  EXPECT_TRUE(Keys());
  Pass(policy_.retry_first);
  AnswerMetadata();
  AnswerKeys({second_.PublicJson()});
  EXPECT_EQ((*Keys())->front().id, "second");
}

TEST_F(ProviderTest, OldKeysServeWhileTheProviderIsDownButNotForEver) {
  ASSERT_TRUE(Keys());
  GoDown();
  Pass(policy_.stale_max - seconds(1));
  const auto keys = Keys();
  ASSERT_TRUE(keys);
  EXPECT_EQ((*keys)->front().id, "first");
  EXPECT_TRUE(Keys()) << "in the pause after the failure";
  Pass(seconds(1));
  EXPECT_EQ(Keys().error().code, Code::kUnavailable);
}

TEST_F(ProviderTest, AnswersThatAreNonsenseCountAsFailures) {
  for (const char* nonsense : {"", "<html>", "{}", R"({"keys":7})"}) {
    client_.Answer(std::string(kJwksUrl), nonsense);
    const auto keys = Keys();
    ASSERT_FALSE(keys) << nonsense;
    EXPECT_EQ(keys.error().code, Code::kUnavailable);
    Pass(policy_.retry_max);
  }
  client_.Answer(std::string(kJwksUrl), testing::KeySetJson({first_.PublicJson()}), 500);
  EXPECT_FALSE(Keys());
  Pass(policy_.retry_max);
  client_.Answer(std::string(kJwksUrl), testing::KeySetJson({first_.PublicJson()}), 302);
  EXPECT_FALSE(Keys());
}

TEST_F(ProviderTest, AProviderThatCallsItselfOtherwiseIsUnavailableAndSaysWhy) {
  client_.Answer(MetadataUrl(kIssuer), R"({"issuer":"https://evil.example"})");
  const auto metadata = Run(provider_.Metadata(now_, Soon()));
  ASSERT_FALSE(metadata);
  EXPECT_EQ(metadata.error().code, Code::kUnavailable);
  EXPECT_THAT(metadata.error().message, ::testing::HasSubstr("--oidc-issuer"));
  EXPECT_EQ(KeyFetches(), 0);
}

TEST_F(ProviderTest, AnUnknownKeyFetchesThemAgainOnceInAnInterval) {
  const auto old = Keys();
  ASSERT_TRUE(old);
  AnswerKeys({first_.PublicJson(), second_.PublicJson()});
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(*NewerThan(*old), *old) << "too early";
  }
  EXPECT_EQ(KeyFetches(), 1);
  Pass(policy_.early_interval);
  const auto newer = NewerThan(*old);
  ASSERT_TRUE(newer);
  EXPECT_EQ((*newer)->size(), 2U);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(*NewerThan(*old), *newer) << "who knows the old ones gets the new ones";
    EXPECT_EQ(*NewerThan(*newer), *newer);
  }
  EXPECT_EQ(KeyFetches(), 2);
}

TEST_F(ProviderTest, AnUnknownKeyWhileTheProviderIsDownIsAskedForWithPauses) {
  const auto old = Keys();
  ASSERT_TRUE(old);
  GoDown();
  Pass(policy_.early_interval);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(NewerThan(*old).error().code, Code::kUnavailable);
  }
  EXPECT_EQ(KeyFetches(), 2);
  EXPECT_EQ(*Keys(), *old) << "the old keys are as good as before";
  Pass(policy_.retry_first);
  EXPECT_FALSE(NewerThan(*old));
  EXPECT_EQ(KeyFetches(), 3);
}

aio::Task<void> AskForKeys(Provider& provider,
                           Moment now,
                           Deadline deadline,
                           std::vector<Result<SharedKeys>>& answers) {
  auto keys = co_await provider.Keys(now, deadline);
  answers.push_back(std::move(keys));
}

TEST_F(ProviderTest, AllWhoWaitShareOneFetch) {
  client_.Hold();
  aio::TaskScope scope(loop_.get_executor());
  std::vector<Result<SharedKeys>> answers;
  for (int i = 0; i < 10; ++i) {
    scope.Spawn(AskForKeys(provider_, now_, Soon(), answers));
  }
  loop_.restart();
  loop_.poll();
  EXPECT_TRUE(answers.empty());
  client_.Release();
  loop_.restart();
  loop_.run();
  ASSERT_EQ(answers.size(), 10U);
  for (const auto& answer : answers) {
    EXPECT_TRUE(answer);
  }
  EXPECT_EQ(KeyFetches(), 1);
  EXPECT_EQ(client_.CountOf(MetadataUrl(kIssuer)), 1);
}

TEST_F(ProviderTest, WhoGivesUpWaitingLeavesTheFetchToTheOthers) {
  client_.Hold();
  aio::TaskScope impatient(loop_.get_executor());
  aio::TaskScope patient(loop_.get_executor());
  std::vector<Result<SharedKeys>> early;
  std::vector<Result<SharedKeys>> late;
  impatient.Spawn(AskForKeys(provider_, now_, Soon(), early));
  patient.Spawn(AskForKeys(provider_, now_, Soon(), late));
  loop_.restart();
  loop_.poll();
  impatient.Cancel();
  loop_.restart();
  loop_.poll();
  ASSERT_EQ(early.size(), 1U);
  EXPECT_EQ(early.front().error().code, Code::kCancelled);
  client_.Release();
  loop_.restart();
  loop_.run();
  ASSERT_EQ(late.size(), 1U);
  EXPECT_TRUE(late.front());
}

TEST_F(ProviderTest, AProviderThatHangsKeepsNobodyLongerThanTheirDeadline) {
  client_.Hold();
  const auto past = Deadline::After(seconds(0));
  EXPECT_EQ(Run(provider_.Keys(now_, past)).error().code, Code::kDeadlineExceeded);
  client_.Release();
  ASSERT_TRUE(Keys());
  Pass(policy_.fresh_time);
  client_.Hold();
  EXPECT_TRUE(Run(provider_.Keys(now_, past))) << "the old ones, rather than nothing";
}

}  // namespace
}  // namespace paddock::oidc
