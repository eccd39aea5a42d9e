#include "app/question_service_command.h"

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "app/open_store.h"
#include "app/service_process.h"
#include "app/settings.h"
#include "playground/local_questions.h"
#include "questions/bank.h"
#include "rpc/services/playground_services.h"
#include "store/database.h"

namespace paddock::app {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds kStoreWaitMax{60};  // for a server that starts, and makes it
constexpr std::chrono::milliseconds kStorePause{250};
constexpr std::chrono::seconds kStoreCloseTimeMax{5};

/// Whether it may become better by waiting: the server makes the store and its tables.
bool MayComeAbout(Code code) {
  return code == Code::kNotFound || code == Code::kUnavailable || code == Code::kInternal;
}

/// False when waiting would not help.
aio::Task<bool> Pause(Code code, Deadline deadline) {
  if (!MayComeAbout(code) || deadline.Passed()) {
    co_return false;
  }
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, kStorePause);
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  co_return true;
}

Error WithHint(Error error) {
  if (error.code == Code::kDenied) {
    error.message +=
        "\nA store in SQLite is for the user of its server: leave out --questions-user, or let "
        "both "
        "use PostgreSQL (--store postgres://…)";
  }
  return std::move(error).With("the store of questions");
}

using Opened = Result<std::unique_ptr<store::Database>>;

aio::Task<Opened> OpenMadeStore(StoreAddress address, Deadline deadline) {
  auto opened = co_await OpenStore(address, deadline);
  while (!opened) {
    const bool again = co_await Pause(opened.error().code, deadline);
    if (!again) {
      co_return Fail(WithHint(std::move(opened).error()));
    }
    opened = co_await OpenStore(address, deadline);
  }
  co_return opened;
}

/// Until the server has made the tables and put what it ships into them, which it does at once:
/// before that a list would be empty.
aio::Task<Result<void>> WaitForContent(questions::Bank& bank,  // outlives the task
                                       Deadline deadline) {
  auto read = co_await bank.Get(deadline);
  while (!read || (*read)->revision == store::BankRevision()) {
    const Error why = read ? Error{.code = Code::kUnavailable,
                                   .message = "it has no questions yet: is its server running?"}
                           : read.error();
    const bool again = co_await Pause(why.code, deadline);
    if (!again) {
      co_return Fail(Error(why).With("the store of questions"));
    }
    bank.Expire();
    read = co_await bank.Get(deadline);
  }
  co_return Result<void>();
}

struct Work {
  StoreAddress store;
  std::string name_space;
  rpc::RemoteAccess access;
};

// `database` outlives the task.
aio::Task<Result<void>> Answer(store::Database& database, Work work, Deadline deadline) {
  questions::Bank bank(database, std::move(work.name_space));
  auto ready = co_await WaitForContent(bank, deadline);
  if (!ready) {
    co_return ready;
  }
  playground::LocalQuestions questions(bank);
  std::unique_ptr<grpc::Service> service;
  const auto executor = co_await asio::this_coro::executor;
  rpc::ServiceHost host(executor);
  service = rpc::MakeQuestionService(host, questions);
  host.Add(*service);
  auto served = co_await AnswerUntilStopped(host, std::move(work.access), "question service");
  co_return served;
}

aio::Task<Result<void>> Serve(Work work) {
  const auto deadline = Deadline::After(kStoreWaitMax);
  auto database = co_await OpenMadeStore(work.store, deadline);
  if (!database) {
    co_return Fail(std::move(database).error());
  }
  auto served = co_await Answer(**database, std::move(work), deadline);
  co_await (*database)->Close(Deadline::After(kStoreCloseTimeMax));
  co_return served;
}

}  // namespace

int QuestionServiceCommand(std::span<char*> arguments) {
  Settings settings(config::Process::kQuestions);
  const auto status = settings.ReadOrExplain(
      arguments,
      "Reads the questions of a server's store for front ends of Database Playground\n"
      "(docs/split.md). Changes nothing.");
  if (status) {
    return *status;
  }
  const ServeOptions& options = settings.serve();
  auto access = RequiredAccessOf(settings.questions_link());
  auto entered =
      access ? EnterService(options.questions_user.empty() ? options.user : options.questions_user)
             : Result<void>(Fail(access.error()));
  if (!entered) {
    fmt::print(stderr, "paddock question-service: {}\n", entered.error().message);
    return 1;
  }
  asio::io_context loop(1);
  Work work{.store = {.url = options.store, .data_dir = options.data_dir, .read_only = true},
            .name_space = options.store_namespace,
            .access = *std::move(access)};
  return RunService(loop, "question-service", Serve(std::move(work)));
}

}  // namespace paddock::app
