#include "challenges/outcome_cache.h"

#include <array>
#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace paddock::challenges {
namespace {

using namespace std::chrono_literals;

OutcomeCache::Key KeyOf(int number) {
  OutcomeCache::Key key{};
  key[0] = static_cast<unsigned char>(number & 0xff);
  key[1] = static_cast<unsigned char>(number >> 8);
  return key;
}

RunOutcomeRef OutcomeOf(std::size_t bytes) {
  RunOutcome outcome;
  outcome.results.push_back({.columns = {}, .rows = sql::Rows(1)});
  outcome.results.back().rows.Add(sql::CellType::kText, std::string(bytes, 'x'));
  return std::make_shared<const RunOutcome>(std::move(outcome));
}

class OutcomeCacheTest : public ::testing::Test {
 protected:
  // Room for some ten small outcomes in each part.
  OutcomeCache cache_{{.newcomer_bytes_max = 10'000,
                       .proven_bytes_max = 10'000,
                       .outcome_bytes_max = 5'000,
                       .lifetime = 60s},
                      [this] { return now_; }};
  OutcomeCache::Clock::time_point now_;

  void Keep(int number, std::size_t bytes = 300) { cache_.Keep(KeyOf(number), OutcomeOf(bytes)); }
  bool Has(int number) { return cache_.Find(KeyOf(number)) != nullptr; }
};

TEST_F(OutcomeCacheTest, WhatIsFoundIsWhatWasKeptAndSaysThatItIsFromMemory) {
  const auto outcome = OutcomeOf(7);
  cache_.Keep(KeyOf(1), outcome);
  for (int time = 0; time < 3; ++time) {
    const auto found = cache_.Find(KeyOf(1));
    ASSERT_NE(found, nullptr);
    EXPECT_TRUE(found->cached);
    EXPECT_EQ(found->results.at(0).rows.At(0, 0).text, "xxxxxxx");
  }
  EXPECT_FALSE(outcome->cached);
  EXPECT_EQ(cache_.Find(KeyOf(2)), nullptr);
}

TEST_F(OutcomeCacheTest, OfWhatNobodyAsksForAgainTheOldestGoesFirst) {
  for (int i = 0; i < 100; ++i) {
    Keep(i);
    EXPECT_LE(cache_.byte_count(), 10'000U);
  }
  EXPECT_TRUE(Has(99));
  EXPECT_TRUE(Has(95));
  EXPECT_FALSE(Has(0));
  EXPECT_FALSE(Has(50));
  EXPECT_EQ(cache_.counts().kept, 100U);
  EXPECT_GE(cache_.counts().evicted, 80U);
}

TEST_F(OutcomeCacheTest, AFloodDoesNotPushOutWhatHasBeenAskedForAgain) {
  Keep(1);
  Keep(2);
  ASSERT_TRUE(Has(1));
  for (int i = 100; i < 1'000; ++i) {
    Keep(i);
  }
  EXPECT_TRUE(Has(1));
  EXPECT_FALSE(Has(2));
}

TEST_F(OutcomeCacheTest, OfWhatHasBeenAskedForAgainTheLeastUsedGoesFirst) {
  for (int i = 0; i < 60; ++i) {
    Keep(i);
    ASSERT_TRUE(Has(i));
    ASSERT_TRUE(Has(0));
  }
  EXPECT_LE(cache_.byte_count(), 10'000U);
  EXPECT_TRUE(Has(59));
  EXPECT_FALSE(Has(1));
  EXPECT_TRUE(Has(0));
}

TEST_F(OutcomeCacheTest, WhatIsKeptAgainCountsOnceAndLivesAnew) {
  Keep(1);
  const auto bytes = cache_.byte_count();
  for (const bool is_proven : {false, true}) {
    now_ += 40s;
    Keep(1, 300);
    EXPECT_EQ(cache_.byte_count(), bytes);
    now_ += 40s;
    EXPECT_TRUE(Has(1)) << is_proven;
  }
}

TEST_F(OutcomeCacheTest, BothPartsForgetAfterTheLifetime) {
  Keep(1);
  Keep(2);
  ASSERT_TRUE(Has(1));
  now_ += 60s;
  EXPECT_FALSE(Has(1));
  EXPECT_FALSE(Has(2));
  EXPECT_EQ(cache_.byte_count(), 0U);
}

TEST_F(OutcomeCacheTest, AnOutcomeThatIsTooGreatIsNotKept) {
  Keep(1, 6'000);
  EXPECT_FALSE(Has(1));
  EXPECT_EQ(cache_.byte_count(), 0U);
}

}  // namespace
}  // namespace paddock::challenges
