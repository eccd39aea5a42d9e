#include "runners/server/clone_pool.h"

#include <algorithm>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "runners/server/clone_lease.h"

namespace paddock::runners::server {
namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds kPreparationTime{60};
constexpr std::size_t kTargetFirst = 2;  // clones that are ready for a schema that was used once
constexpr std::size_t kTargetGrowth = 2;

// What is wrong with the server is nobody's question's fault.
Error NotOurs(Error error) {
  if (error.code != Code::kCancelled && error.code != Code::kDeadlineExceeded) {
    error.code = Code::kUnavailable;
  }
  return error;
}

}  // namespace

ClonePool::ClonePool(asio::any_io_executor executor, Databases& databases, ClonePoolConfig config)
    : executor_(std::move(executor)),
      databases_(databases),
      config_(config),
      scope_(executor_),
      drops_(executor_) {}

ClonePool::~ClonePool() = default;

aio::Task<void> ClonePool::Stop() {
  is_stopping_ = true;
  scope_.Cancel();
  co_await scope_.Join();
  co_await drops_.Join();
  Lose();
}

aio::Task<Result<void>> ClonePool::Open(Deadline deadline) {
  auto pass = co_await opening_.Enter(deadline);
  if (!pass) {
    co_return Fail(std::move(pass).error());
  }
  if (databases_.is_open()) {
    co_return Result<void>();
  }
  Lose();
  auto opened = co_await databases_.Open(deadline);
  if (!opened) {
    co_return Fail(NotOurs(std::move(opened).error()));
  }
  co_return opened;
}

aio::Task<Result<ShelfRef>> ClonePool::Prepare(challenges::SchemaRef schema, Deadline deadline) {
  if (!databases_.is_open()) {
    auto opened = co_await Open(deadline);
    if (!opened) {
      co_return Fail(std::move(opened).error());
    }
  }
  auto shelf = FindOrBegin(schema);
  if (!shelf) {
    co_return Fail(std::move(shelf).error());
  }
  (*shelf)->last_use = ++ticket_;
  while (!(*shelf)->is_ready && !(*shelf)->error) {
    auto changed = co_await (*shelf)->changed.Wait(deadline);
    if (!changed) {
      co_return Fail(std::move(changed).error());
    }
  }
  if ((*shelf)->error) {
    co_return Fail(*(*shelf)->error);
  }
  co_return *std::move(shelf);
}

Result<ShelfRef> ClonePool::FindOrBegin(const challenges::SchemaRef& schema) {
  if (is_stopping_) {
    return Fail(Code::kCancelled, "the server stops");
  }
  if (const auto found = shelves_.find(schema->digest); found != shelves_.end()) {
    return found->second;
  }
  if (shelves_.size() >= config_.schemas_max && !MakeRoomForSchema()) {
    return Fail(Code::kExhausted, "too many schemas are in use at once; try again in a moment");
  }
  auto shelf = std::make_shared<Shelf>();
  shelf->digest = schema->digest;
  shelf->epoch = epoch_;
  shelves_.emplace(schema->digest, shelf);
  scope_.Spawn(PrepareShelf(shelf, schema));
  return shelf;
}

aio::Task<void> ClonePool::PrepareShelf(ShelfRef shelf, challenges::SchemaRef schema) {
  auto prepared = co_await databases_.Prepare(schema->script, Deadline::After(kPreparationTime));
  if (!prepared) {
    const bool is_scripts_fault = prepared.error().code == Code::kInvalid;
    Error error = is_scripts_fault ? prepared.error() : NotOurs(prepared.error());
    if (!is_scripts_fault && !databases_.is_open()) {
      error.code = Code::kConflict;  // the server went meanwhile, and may be back
    }
    shelf->error = std::move(error);
    Forget(shelf);
  } else if (!shelf->error) {
    shelf->schema = *std::move(prepared);
    shelf->is_ready = true;
  }
  shelf->changed.NotifyAll();
}

// Nobody finds it any more, and what it has goes.
void ClonePool::Forget(ShelfRef shelf) {
  if (const auto found = shelves_.find(shelf->digest);
      found != shelves_.end() && found->second == shelf) {
    shelves_.erase(found);
  }
  if (std::exchange(shelf->is_gone, true) || !IsCurrent(*shelf)) {
    return;
  }
  if (shelf->is_ready) {
    // What is in the readers' database belongs to the other's user.
    Doomed doomed{.databases = {shelf->schema.readers.name}, .is_clone = false};
    if (!shelf->schema.source.empty()) {
      doomed.databases.push_back(shelf->schema.source);
    }
    doomed_.push_back(std::move(doomed));
  }
  for (ReadyPlace& ready : shelf->rack(Use::kClone).ready) {
    doomed_.push_back({.databases = {std::move(ready.place.database)}});
  }
  Rack& readers = shelf->rack(Use::kReader);
  reader_count_ -= readers.ready.size();
  readers.count -= readers.ready.size();
  readers.ready.clear();
  shelf->rack(Use::kClone).ready.clear();
  Pump();
}

bool ClonePool::MakeRoomForSchema() {
  ShelfRef oldest;
  for (const auto& [digest, shelf] : shelves_) {
    const auto is_idle = [](const Rack& rack) { return rack.waiting.empty() && rack.making == 0; };
    if (shelf->is_ready && shelf->run_count == 0 && std::ranges::all_of(shelf->racks, is_idle) &&
        (oldest == nullptr || shelf->last_use < oldest->last_use)) {
      oldest = shelf;
    }
  }
  if (oldest != nullptr) {
    Forget(oldest);
  }
  return oldest != nullptr;
}

aio::Task<Result<ClonePool::Lease>> ClonePool::Acquire(ShelfRef shelf, Use use, Deadline deadline) {
  if (shelf->is_gone || !IsCurrent(*shelf)) {
    co_return Fail(Code::kConflict, "the schema is prepared no more");
  }
  quiet_at_ = Deadline::Clock::now() + config_.quiet;
  Rack& rack = shelf->rack(use);
  rack.target = std::max(rack.target, std::min(kTargetFirst, config_.ready_max));
  if (rack.waiting.empty() && !rack.ready.empty()) {
    ReadyPlace place = std::move(rack.ready.front());
    rack.ready.pop_front();
    ++shelf->run_count;
    Lease lease(*this, shelf, use, std::move(place));
    Pump();
    co_return lease;
  }
  if (waiting_count_ >= config_.waiting_max) {
    co_return Fail(Code::kExhausted, "too many runs at once; try again in a moment");
  }
  rack.target = std::min(rack.target * kTargetGrowth, config_.ready_max);
  PlaceWaiter waiter{.turn = asio::steady_timer(executor_, deadline.when()), .ticket = ++ticket_};
  const auto entry = rack.waiting.insert(rack.waiting.end(), &waiter);
  ++waiting_count_;
  Pump();
  boost::system::error_code failure;
  if (!waiter.place && !waiter.error) {
    auto [woken] = co_await waiter.turn.async_wait(asio::as_tuple(asio::use_awaitable));
    failure = woken;
  }
  --waiting_count_;
  if (waiter.place) {
    co_return Lease(*this, shelf, use, *std::move(waiter.place));
  }
  if (waiter.error) {
    co_return Fail(*std::move(waiter.error));
  }
  rack.waiting.erase(entry);
  if (failure) {
    co_return Fail(Code::kCancelled, "cancelled while waiting for a database");
  }
  co_return Fail(Code::kDeadlineExceeded, "no database was ready in time");
}

aio::Task<void> ClonePool::Suspect(Deadline deadline) {
  auto checked = co_await databases_.Check(deadline);
  if (!checked && !databases_.is_open()) {
    Lose();
  }
}

bool ClonePool::LetGo() {
  if (scope_.running_count() + drops_.running_count() > 0) {
    return false;
  }
  Lose();
  return true;
}

// Whoever waits begins again, and whoever runs finds out.
void ClonePool::Lose() {
  const Error error{.code = Code::kConflict,
                    .message = "the connection to the database server was lost; try again"};
  ++epoch_;
  databases_.Close();
  auto shelves = std::exchange(shelves_, {});
  doomed_.clear();
  clone_count_ = 0;
  reader_count_ = 0;
  for (const auto& [digest, shelf] : shelves) {
    shelf->is_gone = true;
    FailWaiting(*shelf, Use::kReader, error);
    FailWaiting(*shelf, Use::kClone, error);
    for (Rack& rack : shelf->racks) {
      rack.ready.clear();
    }
    if (!shelf->is_ready) {
      shelf->error = error;
      shelf->changed.NotifyAll();
    }
  }
}

void ClonePool::FailWaiting(Shelf& shelf, Use use, const Error& error) {
  auto waiting = std::exchange(shelf.rack(use).waiting, {});
  for (PlaceWaiter* waiter : waiting) {
    waiter->error = error;
    waiter->turn.cancel();
  }
}

}  // namespace paddock::runners::server
