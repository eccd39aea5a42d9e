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

/// False when there is no more time.
aio::Task<bool> Pause(Deadline deadline) {
  if (deadline.Passed()) {
    co_return false;
  }
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, kStorePause);
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  co_return true;
}

using Opened = Result<std::unique_ptr<store::Database>>;

/// The store once its server has made it, and a catalogue can be read from it.
aio::Task<Opened> OpenMadeStore(StoreAddress address, std::string name_space, Deadline deadline) {
  for (;;) {
    auto opened = co_await OpenStore(address, deadline);
    Result<questions::CatalogueRef> read;
    if (opened) {
      questions::Bank bank(**opened, name_space);
      read = co_await bank.Get(deadline);
    } else {
      read = Fail(opened.error());
    }
    if (read) {
      co_return opened;
    }
    bool again = MayComeAbout(read.error().code);
    if (again) {
      again = co_await Pause(deadline);
    }
    if (!again) {
      co_return Fail(std::move(read).error().With("the store of questions"));
    }
  }
}

struct Work {
  StoreAddress store;
  std::string name_space;
  rpc::RemoteAccess access;
};

aio::Task<Result<void>> Serve(asio::any_io_executor executor, Work work) {
  auto database = co_await OpenMadeStore(std::move(work.store), work.name_space,
                                         Deadline::After(kStoreWaitMax));
  if (!database) {
    co_return Fail(std::move(database).error());
  }
  questions::Bank bank(**database, std::move(work.name_space));
  playground::LocalQuestions questions(bank);
  std::unique_ptr<grpc::Service> service;
  rpc::ServiceHost host(executor);
  service = rpc::MakeQuestionService(host, questions);
  host.Add(*service);
  auto served = co_await AnswerUntilStopped(host, std::move(work.access), "question service");
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
  return RunService(loop, "question-service", Serve(loop.get_executor(), std::move(work)));
}

}  // namespace paddock::app
