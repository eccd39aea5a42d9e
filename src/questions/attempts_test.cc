// What learners do and get for it, on every store: see testing/questions_fixture.h.
#include "questions/attempts.h"

#include "aio/task_scope.h"
#include "questions/testing/questions_fixture.h"

namespace paddock::questions::testing {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;

std::string RightText() { return "SELECT * FROM users;"; }
std::string WrongText() { return "SELECT id FROM users;"; }

TEST_P(QuestionsTest, TheFirstRightAnswerOfADayByTheFirstSolverEarnsEverything) {
  UseClock();
  const auto question = AddQuestion("one");
  const auto ann = NewId<UserId>();
  const auto bob = NewId<UserId>();
  const auto first = Submit(ann, question, RightText());
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_TRUE(first->grade.passed());
  EXPECT_EQ(first->points_earned, 10 + kFirstSolverPoints + kDailyPoints);
  EXPECT_EQ(Submit(ann, question, RightText())->points_earned, 0);
  EXPECT_EQ(Submit(bob, question, RightText())->points_earned, 10 + kDailyPoints);
  EXPECT_EQ(Await(attempts_->PointsOf(ann, Soon())).value(),
            10 + kFirstSolverPoints + kDailyPoints);
}

TEST_P(QuestionsTest, AWrongAnswerEarnsTheDaysPointsOnly) {
  UseClock();
  const auto question = AddQuestion("one");
  const auto ann = NewId<UserId>();
  EXPECT_EQ(Submit(ann, question, WrongText())->points_earned, kDailyPoints);
  EXPECT_EQ(Submit(ann, question, WrongText())->points_earned, 0);
  EXPECT_EQ(Submit(ann, question, RightText())->points_earned, 10 + kFirstSolverPoints);
  now_ += days(1) - milliseconds(1);
  EXPECT_EQ(Submit(ann, question, WrongText())->points_earned, 0);
  now_ += milliseconds(1);
  EXPECT_EQ(Submit(ann, question, WrongText())->points_earned, kDailyPoints);
}

TEST_P(QuestionsTest, SubmissionsAtTheSameTimeAreGrantedOnce) {
  UseClock();
  const auto question = AddQuestion("one");
  const auto ann = NewId<UserId>();
  const auto bob = NewId<UserId>();
  constexpr int kEach = 8;
  std::int64_t sum = 0;
  aio::TaskScope submissions(loop_.get_executor());
  for (int i = 0; i < 2 * kEach; ++i) {
    auto one = [](Attempts& attempts, UserId user, BankQuestionRef which,
                  std::int64_t& total) -> aio::Task<void> {
      auto graded = co_await attempts.Submit(std::move(user), std::move(which), RightText(),
                                             Deadline::After(std::chrono::seconds(30)));
      EXPECT_TRUE(graded) << graded.error().message;
      total += graded ? graded->points_earned : 0;
    };
    submissions.Spawn(one(*attempts_, i % 2 == 0 ? ann : bob, question, sum));
  }
  loop_.restart();
  while (submissions.running_count() > 0) {
    loop_.run_one();
  }
  EXPECT_EQ(sum, 2 * (10 + kDailyPoints) + kFirstSolverPoints);
  EXPECT_EQ(Await(attempts_->PointsOf(ann, Soon())).value() +
                Await(attempts_->PointsOf(bob, Soon())).value(),
            sum);
}

TEST_P(QuestionsTest, WhoGaveUpSolvesForNothingAndSeesTheSolution) {
  UseClock();
  const auto question = AddQuestion("one");
  const auto ann = NewId<UserId>();
  ASSERT_TRUE(Await(attempts_->GiveUp(ann, question->record.number, Soon())));
  EXPECT_EQ(Submit(ann, question, RightText())->points_earned, kDailyPoints);
  const auto progress = Await(attempts_->ProgressWith(ann, question->record.number, Soon()));
  ASSERT_TRUE(progress);
  EXPECT_TRUE(progress->gave_up);
  EXPECT_TRUE(progress->passed);
  // The place of the first solver is still free.
  const auto bob = NewId<UserId>();
  EXPECT_EQ(Submit(bob, question, RightText())->points_earned,
            10 + kFirstSolverPoints + kDailyPoints);
  ASSERT_TRUE(Await(attempts_->GiveUp(bob, question->record.number, Soon())));
  EXPECT_FALSE(Await(attempts_->ProgressWith(bob, question->record.number, Soon()))->gave_up);
}

TEST_P(QuestionsTest, AFaultOfOursIsNotRemembered) {
  UseClock();
  const auto question = AddQuestion("one");
  const auto ann = NewId<UserId>();
  runner_.failure = Error{.code = Code::kUnavailable, .message = "the worker is gone"};
  ASSERT_FALSE(Submit(ann, question, RightText()));
  runner_.failure.reset();
  EXPECT_EQ(Await(attempts_->List(ann, std::nullopt, std::nullopt, 10, Soon()))->size(), 0U);
  EXPECT_EQ(Await(attempts_->PointsOf(ann, Soon())).value(), 0);
  EXPECT_EQ(Await(attempts_->ProgressWith(ann, question->record.number, Soon()))->submission_count,
            0);
}

TEST_P(QuestionsTest, StatisticsCountUsersOnceAndSubmissionsAll) {
  UseClock();
  const auto question = AddQuestion("one");
  const auto other = AddQuestion("two");
  const auto number = question->record.number;
  const auto none = Await(attempts_->StatisticsOf(number, Soon()));
  ASSERT_TRUE(none);
  EXPECT_EQ(none->totals.submissions, 0);
  EXPECT_EQ(none->totals.attempted_users, 0);
  const std::vector<std::vector<bool>> users{{true}, {true, true}, {false, false}, {false, true}};
  for (const auto& answers : users) {
    const auto user = NewId<UserId>();
    for (const bool is_right : answers) {
      now_ += milliseconds(1);
      ASSERT_TRUE(Submit(user, question, is_right ? RightText() : WrongText()));
    }
  }
  ASSERT_TRUE(Submit(NewId<UserId>(), other, RightText()));
  const auto all = Await(attempts_->StatisticsOf(number, Soon()));
  ASSERT_TRUE(all);
  EXPECT_EQ(all->totals.correct, 4);
  EXPECT_EQ(all->totals.submissions, 7);
  EXPECT_EQ(all->totals.attempted_users, 4);
  EXPECT_EQ(all->totals.passed_users, 3);
  ASSERT_EQ(all->rules.size(), 1U);
  EXPECT_EQ(all->rules[0].rule, "column_count");
  EXPECT_EQ(all->rules[0].count, 3);
  ASSERT_EQ(all->recent_wrong.size(), 1U);
  EXPECT_EQ(all->recent_wrong[0].query, WrongText());
  const auto counts = Await(attempts_->PassCounts(Soon()));
  ASSERT_TRUE(counts);
  EXPECT_EQ(counts->at(number).attempted, 4);
  EXPECT_EQ(counts->at(number).passed, 3);
}

TEST_P(QuestionsTest, TheLeaderboardGivesEqualsEqualRanks) {
  UseClock();
  const auto one = AddQuestion("one");
  const auto two = AddQuestion("two");
  const auto ann = AddUser("ann");
  const auto bob = AddUser("bob");
  const auto cleo = AddUser("cleo");
  const auto guest = NewId<UserId>();
  for (const auto& user : {ann, bob, cleo, guest}) {
    ASSERT_TRUE(Submit(user, one, RightText()));
  }
  ASSERT_TRUE(Submit(cleo, two, RightText()));
  const auto rows = Await(
      attempts_->Leaderboard({.reader = bob, .by_solved = true, .limit = 2}, Period::kAll, Soon()));
  ASSERT_TRUE(rows) << rows.error().message;
  ASSERT_EQ(rows->size(), 3U);  // two, and the reader
  EXPECT_EQ((*rows)[0].name, "cleo");
  EXPECT_EQ((*rows)[0].solved, 2);
  EXPECT_EQ((*rows)[1].name, "ann");
  EXPECT_EQ((*rows)[1].rank, 2);
  EXPECT_EQ((*rows)[2].name, "bob");
  EXPECT_EQ((*rows)[2].rank, 2);
  EXPECT_EQ((*rows)[2].place, 3);
}

TEST_P(QuestionsTest, AWeekBeginsOnMondayAndADayAtMidnight) {
  UseClock();
  const auto one = AddQuestion("one");
  const auto two = AddQuestion("two");
  const auto ann = AddUser("ann");
  ASSERT_TRUE(Submit(ann, one, RightText()));
  const auto solved_in = [&](Period period) {
    const auto rows =
        Await(attempts_->Leaderboard({.reader = ann, .by_solved = true}, period, Soon()));
    EXPECT_TRUE(rows);
    return rows->empty() ? 0 : rows->front().solved;
  };
  now_ += hours(24) - milliseconds(1);
  EXPECT_EQ(solved_in(Period::kDay), 1);
  now_ += milliseconds(1);  // Friday
  EXPECT_EQ(solved_in(Period::kDay), 0);
  EXPECT_EQ(solved_in(Period::kWeek), 1);
  now_ += days(3) - milliseconds(1);  // the end of Sunday
  EXPECT_EQ(solved_in(Period::kWeek), 1);
  now_ += milliseconds(1);
  EXPECT_EQ(solved_in(Period::kWeek), 0);
  EXPECT_EQ(solved_in(Period::kAll), 1);
  ASSERT_TRUE(Submit(ann, two, RightText()));
  EXPECT_EQ(solved_in(Period::kWeek), 1);
  EXPECT_EQ(solved_in(Period::kAll), 2);
}

TEST_P(QuestionsTest, AnAccountTakesOverWhatItsGuestDidAndNothingCountsTwice) {
  UseClock();
  const auto one = AddQuestion("one");
  const auto two = AddQuestion("two");
  const auto guest = NewId<UserId>();
  const auto ann = AddUser("ann");
  ASSERT_TRUE(Submit(guest, one, WrongText()));
  ASSERT_TRUE(Submit(guest, one, RightText()));
  ASSERT_TRUE(Submit(ann, one, RightText()));
  ASSERT_TRUE(Submit(guest, two, RightText()));
  const store::AttemptTable table(kNameSpace);
  ASSERT_TRUE(Write(table.MoveAll(guest, ann)));
  EXPECT_EQ(Await(attempts_->PointsOf(ann, Soon())).value(),
            2 * (10 + kFirstSolverPoints) + kDailyPoints);
  EXPECT_EQ(Await(attempts_->PointsOf(guest, Soon())).value(), 0);
  EXPECT_EQ(Await(attempts_->List(ann, std::nullopt, std::nullopt, 10, Soon()))->size(), 4U);
  const auto progress = Await(attempts_->ProgressWith(ann, one->record.number, Soon()));
  ASSERT_TRUE(progress);
  EXPECT_EQ(progress->submission_count, 3);
  EXPECT_EQ(Submit(ann, two, RightText())->points_earned, 0);
}

TEST_P(QuestionsTest, AResetLetsAnswersCountAgain) {
  UseClock();
  const auto one = AddQuestion("one");
  const auto two = AddQuestion("two");
  const auto ann = AddUser("ann");
  ASSERT_TRUE(Submit(ann, one, RightText()));
  ASSERT_TRUE(Submit(ann, two, RightText()));
  const store::MemberRecord member{
      .id = ann, .display_name = "ann", .name = std::nullopt, .joined_at = now_};
  ASSERT_TRUE(Await(attempts_->Reset(By(author_), member, one->record.number, Soon())));
  auto progress = Await(attempts_->Progress(ann, Soon()));
  ASSERT_TRUE(progress);
  EXPECT_EQ(progress->size(), 1U);
  EXPECT_EQ(Submit(ann, one, RightText())->points_earned, 10);
  ASSERT_TRUE(Await(attempts_->Reset(By(author_), member, std::nullopt, Soon())));
  EXPECT_TRUE(Await(attempts_->Progress(ann, Soon()))->empty());
  EXPECT_EQ(Await(attempts_->List(ann, std::nullopt, std::nullopt, 10, Soon()))->size(), 3U);
}

TEST_P(QuestionsTest, SubmissionsComeInPagesNewestFirst) {
  UseClock();
  const auto one = AddQuestion("one");
  const auto ann = NewId<UserId>();
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(Submit(ann, one, fmt::format("SELECT {}", i)));
    now_ += milliseconds(i / 2);  // some at the same time
  }
  std::vector<std::string> queries;
  std::optional<std::string> after;
  for (int page = 0; page < 3; ++page) {
    const auto found = Await(attempts_->List(ann, one->record.number, after, 2, Soon()));
    ASSERT_TRUE(found);
    for (const auto& submission : *found) {
      queries.push_back(submission.query);
      after = submission.id;
    }
  }
  std::ranges::sort(queries);
  ASSERT_EQ(queries.size(), 5U);
  EXPECT_TRUE(std::ranges::adjacent_find(queries) == queries.end());
}

TEST_P(QuestionsTest, WhoIsDeletedLeavesNothing) {
  UseClock();
  const auto one = AddQuestion("one");
  const auto ann = AddUser("ann");
  ASSERT_TRUE(Submit(ann, one, RightText()));
  const store::AttemptTable table(kNameSpace);
  ASSERT_TRUE(Write(table.DeleteAll(ann)));
  EXPECT_EQ(Await(attempts_->StatisticsOf(one->record.number, Soon()))->totals.submissions, 0);
  EXPECT_EQ(Await(attempts_->PointsOf(ann, Soon())).value(), 0);
}

}  // namespace
}  // namespace paddock::questions::testing
