#include "runners/hosted/hosted_server.h"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"

namespace paddock::runners::hosted {
namespace {

constexpr std::chrono::seconds kRemoveTimeMax{15};
constexpr int kDialsMax = 2;  // the second one to a server that was made for it
constexpr std::size_t kWordsMax = 500;

std::unexpected<Error> Stopping() { return Fail(Code::kCancelled, "the server stops"); }

}  // namespace

HostedServer::HostedServer(boost::asio::any_io_executor executor,
                           sandbox::Driver& driver,
                           sandbox::AgentOpener opener,
                           Leftovers& leftovers,
                           ServerRecipe recipe,
                           HostedConfig config)
    : executor_(std::move(executor)),
      driver_(driver),
      opener_(std::move(opener)),
      leftovers_(leftovers),
      recipe_(std::move(recipe)),
      config_(config),
      scope_(executor_) {}

aio::Task<Result<void>> HostedServer::Await(Deadline deadline) {
  const auto patience = Deadline::After(config_.wait_max);
  const auto until = Deadline::At(std::min(deadline.when(), patience.when()));
  const std::size_t failure_count = failure_count_;
  while (!is_running()) {
    if (is_stopping_) {
      co_return Stopping();
    }
    const bool is_new = failure_count_ != failure_count;
    if (!is_changing_ && failure_ && (is_new || Deadline::Clock::now() < retry_at_)) {
      co_return Fail(*failure_);
    }
    if (!is_changing_) {
      is_changing_ = true;
      scope_.Spawn(Start());
      continue;  // it may have failed at once
    }
    auto changed = co_await changed_.Wait(until);
    if (!changed && changed.error().code == Code::kDeadlineExceeded) {
      co_return Fail(Code::kDeadlineExceeded,
                     fmt::format("the database server of {} for these questions is still being "
                                 "started, and nothing was counted: try again in a few seconds",
                                 sql::Name(recipe_.dialect)));
    }
    if (!changed) {
      co_return changed;
    }
  }
  co_return Result<void>();
}

void HostedServer::End() noexcept {
  --use_count_;
  idle_at_ = Deadline::Clock::now() + config_.idle_max;
  if (!is_stopping_ && !std::exchange(is_watched_, true)) {
    scope_.Spawn(RemoveWhenIdle());
  }
}

aio::Task<void> HostedServer::RemoveWhenIdle() {
  aio::Condition calm;  // a pause that nobody ends before its time
  while (!is_stopping_ && use_count_ == 0 && (id_ || is_changing_)) {
    if (is_changing_) {
      auto changed = co_await changed_.Wait(Deadline::Never());
    } else if (Deadline::Clock::now() < idle_at_) {
      auto paused = co_await calm.Wait(Deadline::At(idle_at_));
    } else if (let_go_ && !let_go_()) {
      idle_at_ = Deadline::Clock::now() + config_.retry_pause;
    } else {
      co_await RemoveIdle();
    }
  }
  is_watched_ = false;
}

// Whoever comes meanwhile waits until it is gone, and then starts it again.
aio::Task<void> HostedServer::RemoveIdle() {
  is_changing_ = true;
  const std::string id = id_->value();
  auto removed = co_await RemoveOld(Deadline::After(kRemoveTimeMax));
  if (removed) {
    log::Info("nobody uses the database server of {} for challenges: sandbox {} is removed",
              sql::Name(recipe_.dialect), id);
  } else if (!is_stopping_) {
    log::Warn("nobody uses sandbox {}, and it cannot be removed: {}", id, removed.error().message);
    idle_at_ = Deadline::Clock::now() + config_.idle_max;
  }
  is_changing_ = false;
  changed_.NotifyAll();
}

// Whoever waits for it may give up; it goes on, for the next one.
aio::Task<void> HostedServer::Start() {
  const auto deadline = Deadline::After(config_.start_time_max);
  const auto begin = Deadline::Clock::now();
  auto made = co_await Make(deadline);
  if (!made && !is_stopping_) {
    auto removed = co_await RemoveOld(Deadline::After(kRemoveTimeMax));
  }
  is_changing_ = false;
  if (made) {
    agent_ = *std::move(made);
    failure_.reset();
    const auto time = Deadline::Clock::now() - begin;
    log::Info("a database server of {} for challenges runs in sandbox {}, after {} ms",
              sql::Name(recipe_.dialect), id_->value(),
              std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
  } else {
    failure_ = InWords(std::move(made).error());
    ++failure_count_;
    retry_at_ = Deadline::Clock::now() + config_.retry_pause;
  }
  changed_.NotifyAll();
}

Error HostedServer::InWords(Error error) const {
  const std::string_view name = sql::Name(recipe_.dialect);
  if (error.code == Code::kNotFound) {
    return {.code = Code::kConflict,
            .message = fmt::format("this server runs no challenges on {0} yet: its administrator "
                                   "has to build the image for them, with `paddock images build "
                                   "{1}`, or to name a database server, with --challenge-{0} "
                                   "(docs/sql-engines.md)",
                                   name, recipe_.image)};
  }
  if (error.code != Code::kCancelled) {
    log::Warn("no database server of {} for challenges: {}", name, error.message);
    error.code = Code::kUnavailable;
  }
  return std::move(error).With(fmt::format("start a database server of {}", name));
}

aio::Task<Result<void>> HostedServer::RemoveOld(Deadline deadline) {
  agent_.reset();
  if (!id_) {
    co_return Result<void>();
  }
  auto destroyed = co_await driver_.Destroy(*id_, deadline);
  if (destroyed) {
    id_.reset();
  }
  co_return destroyed;
}

aio::Task<Result<sandbox::AgentRef>> HostedServer::Make(Deadline deadline) {
  auto step = co_await leftovers_.Remove(deadline);
  if (step) {
    step = co_await RemoveOld(deadline);
  }
  if (step && is_stopping_) {
    step = Stopping();
  }
  if (!step) {
    co_return Fail(Error{.code = Code::kUnavailable, .message = step.error().message});
  }
  sandbox::Spec spec{.id = NewId<SandboxId>(),
                     .owner = leftovers_.owner(),
                     .image = recipe_.image,
                     .limits = recipe_.limits,
                     .env = {}};
  id_ = spec.id;
  auto created = co_await driver_.Create(std::move(spec), deadline);
  if (!created) {
    co_return Fail(std::move(created).error());
  }
  auto stream = co_await driver_.Connect(*id_, deadline);
  if (!stream) {
    co_return Fail(Error{.code = Code::kUnavailable, .message = stream.error().message});
  }
  auto agent = co_await opener_(executor_, *std::move(stream), deadline);
  if (!agent) {
    co_return agent;
  }
  auto ready = co_await SetUp(*agent, deadline);
  if (!ready) {
    co_return Fail(std::move(ready).error());
  }
  co_return agent;
}

aio::Task<Result<void>> HostedServer::SetUp(sandbox::AgentRef agent, Deadline deadline) {
  sandbox::ExecSpec spec;
  spec.shell = recipe_.setup;
  spec.stdin_data = recipe_.input;
  spec.timeout = config_.start_time_max;
  auto done = co_await agent->Exec(std::move(spec), deadline);
  if (!done) {
    co_return Fail(Error{.code = Code::kUnavailable, .message = done.error().message});
  }
  if (done->exit_code != 0) {
    // Errors of databases do not repeat the statement, which has the password.
    co_return Fail(Code::kUnavailable, fmt::format("its image is not as expected: {}",
                                                   done->stderr_data.substr(0, kWordsMax)));
  }
  co_return Result<void>();
}

aio::Task<Result<UniqueFd>> HostedServer::Dial(Deadline deadline) {
  Result<UniqueFd> dialled;
  for (int count = 0; count < kDialsMax; ++count) {
    auto running = co_await Await(deadline);
    if (!running) {
      co_return Fail(std::move(running).error());
    }
    const sandbox::AgentRef agent = agent_;
    dialled = co_await agent->Forward(recipe_.target, deadline);
    if (dialled || dialled.error().code != Code::kUnavailable) {
      break;
    }
    // The sandbox or the server in it is gone. Whoever comes next has it made anew.
    if (agent_ == agent) {
      log::Warn("the database server of {} for challenges is gone: {}", sql::Name(recipe_.dialect),
                dialled.error().message);
      agent_.reset();
    }
  }
  co_return dialled;
}

aio::Task<void> HostedServer::Stop(Deadline deadline) {
  is_stopping_ = true;
  scope_.Cancel();
  co_await scope_.Join();
  auto removed = co_await RemoveOld(deadline);
  if (!removed) {
    log::Warn("the sandbox of the database server of {} is left for the next start: {}",
              sql::Name(recipe_.dialect), removed.error().message);
  }
}

}  // namespace paddock::runners::hosted
