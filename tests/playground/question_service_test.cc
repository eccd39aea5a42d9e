// `paddock question-service` as a process that reads a store which another process, here the test,
// makes, writes, closes and opens again.
#include <chrono>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "aio/testing/run_on.h"
#include "postgres_host.h"
#include "questions/bank.h"
#include "questions/shipped.h"
#include "rpc/grpc_setup.h"
#include "rpc/services/playground_clients.h"
#include "service_process.h"
#include "store/migrations.h"
#include "stores/sqlite/testing/sqlite_host.h"

namespace paddock::testing {
namespace {

constexpr auto kName = "paddock";
constexpr std::size_t kShippedMin = 40;

class QuestionServiceTest : public ::testing::Test {
 protected:
  QuestionServiceTest() { [[maybe_unused]] static const bool is_set_up = (rpc::SetUpGrpc(), true); }

  template <class T>
  T Await(aio::Task<T> task) {
    return aio::testing::RunUntilDone(loop_, std::move(task));
  }
  static Deadline Soon() { return Deadline::After(std::chrono::seconds(60)); }

  /// As a server does at its start.
  std::unique_ptr<store::Database> Serve(store::testing::DatabaseHost& host) {
    auto opened = host.Open(loop_);
    EXPECT_TRUE(opened) << opened.error().message;
    EXPECT_TRUE(Await((*opened)->Migrate(store::Migrations(), Soon())));
    questions::Bank bank(**opened, kName);
    const auto put = Await(questions::PutShipped(
        **opened, kName, bank, questions::ReadSources(questions::ShippedFiles()), Soon()));
    EXPECT_TRUE(put) << put.error().message;
    return std::move(opened).value();
  }
  struct Closing {
    aio::Task<bool> operator()(store::Database& database) const {
      co_await database.Close(Soon());
      co_return true;
    }
  };

  /// The service is there before the store is, and stays while the server goes and comes back.
  void CheckBeside(store::testing::DatabaseHost& host, const std::string& url) {
    ServiceProcess process("questions", {PADDOCK_PROGRAM, "question-service", "--store=" + url});
    auto server = Serve(host);
    rpc::QuestionClient client(loop_.get_executor(), process.service());
    // It may be asked before all is there, and then answers when it is.
    const auto list = Await(client.ListQuestions({.limit = 100, .offset = 0}, Soon()));
    ASSERT_TRUE(list) << list.error().message;
    ASSERT_GE(list->size(), kShippedMin);
    EXPECT_EQ(list->front().id, 101);
    Await(Closing()(*server));
    server.reset();
    EXPECT_TRUE(Await(client.GetQuestionAnswer(101, Soon())));
    server = Serve(host);
    EXPECT_TRUE(Await(client.GetQuestion(102, Soon())));
    EXPECT_EQ(Await(client.GetQuestion(7, Soon())).error().code, Code::kNotFound);
    Await(Closing()(*server));
  }

  boost::asio::io_context loop_;
};

TEST_F(QuestionServiceTest, ReadsAFileOfSqliteBesideItsServer) {
  stores::sqlite::testing::SqliteHost host;
  CheckBeside(host, "sqlite:" + host.path().native());
}

TEST_F(QuestionServiceTest, ReadsPostgresBesideItsServer) {
  PostgresHost host;
  if (!host.missing().empty()) {
    GTEST_SKIP() << host.missing();
  }
  CheckBeside(host, PostgresHost::server().Url(host.name()));
}

}  // namespace
}  // namespace paddock::testing
