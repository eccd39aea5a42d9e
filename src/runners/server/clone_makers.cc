// How ClonePool makes, gives and takes back what it keeps ready.
#include <algorithm>
#include <chrono>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "runners/server/clone_pool.h"

namespace paddock::runners::server {
namespace {

constexpr std::chrono::seconds kMakeTime{30};  // for one database, or one session
constexpr std::chrono::seconds kDropTime{10};
constexpr std::chrono::seconds kRenewTime{5};
constexpr std::size_t kLowShare = 4;  // of what is to be ready; below that it is made at once

}  // namespace

void ClonePool::Pump() {
  while (busy_ < config_.makers_max && !is_stopping_ && databases_.is_open()) {
    auto work = Choose();
    if (!work) {
      return;
    }
    ++busy_;
    aio::TaskScope& scope = work->kind == Work::Kind::kDrop ? drops_ : scope_;
    scope.Spawn(Do(*std::move(work)));
  }
}

// Whoever waits comes first, then room, then what may be wanted next; these two when they are in
// nobody's way.
std::optional<ClonePool::Work> ClonePool::Choose() {
  auto work = ChooseForWaiting();
  if (work || (waiting_count_ == 0 && IsBusyTime())) {
    return work;
  }
  if (!doomed_.empty()) {
    Doomed doomed = std::move(doomed_.front());
    doomed_.pop_front();
    return Work{.kind = Work::Kind::kDrop,
                .databases = std::move(doomed.databases),
                .is_clone = doomed.is_clone};
  }
  return ChooseRefill();
}

// Runs come one after the other, and find what they need: they want the server for themselves.
bool ClonePool::IsBusyTime() {
  const auto is_low = [](const Rack& rack) {
    return rack.ready.size() + rack.making < rack.target / kLowShare;
  };
  const bool is_any_low = std::ranges::any_of(
      shelves_, [&](const auto& each) { return std::ranges::any_of(each.second->racks, is_low); });
  if (is_any_low || Deadline::Clock::now() >= quiet_at_) {
    return false;
  }
  if (!std::exchange(is_waiting_for_quiet_, true)) {
    scope_.Spawn(PumpWhenQuiet());
  }
  return true;
}

aio::Task<void> ClonePool::PumpWhenQuiet() {
  boost::asio::steady_timer timer(executor_);
  boost::system::error_code failure;
  while (!failure && Deadline::Clock::now() < quiet_at_) {
    timer.expires_at(quiet_at_);
    auto [woken] = co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    failure = woken;
  }
  is_waiting_for_quiet_ = false;
  Pump();
}

std::optional<ClonePool::Work> ClonePool::ChooseForWaiting() {
  std::optional<Work> work;
  std::uint64_t first = 0;
  for (const auto& [digest, shelf] : shelves_) {
    for (const Use use : {Use::kReader, Use::kClone}) {
      const Rack& rack = shelf->rack(use);
      if (rack.waiting.size() <= rack.making) {
        continue;
      }
      const std::uint64_t ticket = rack.waiting.front()->ticket;
      if ((!work || ticket < first) && (HasRoom(*shelf, use) || EvictFor(*shelf, use)) &&
          HasRoom(*shelf, use)) {
        work = Work{.shelf = shelf, .use = use};
        first = ticket;
      }
    }
  }
  return work;
}

std::optional<ClonePool::Work> ClonePool::ChooseRefill() {
  std::optional<Work> work;
  for (const auto& [digest, shelf] : shelves_) {
    for (const Use use : {Use::kReader, Use::kClone}) {
      const Rack& rack = shelf->rack(use);
      if (rack.ready.size() + rack.making < rack.target && HasRoom(*shelf, use) &&
          (!work || shelf->last_use > work->shelf->last_use)) {
        work = Work{.shelf = shelf, .use = use};
      }
    }
  }
  return work;
}

bool ClonePool::HasRoom(const Shelf& shelf, Use use) const {
  return use == Use::kClone ? clone_count_ < config_.clones_max
                            : reader_count_ < config_.readers_max &&
                                  shelf.rack(use).count < config_.readers_of_schema_max;
}

// Takes from the schema that was not used for longest. A clone that is taken has yet to be dropped.
bool ClonePool::EvictFor(const Shelf& shelf, Use use) {
  ShelfRef oldest;
  for (const auto& [digest, other] : shelves_) {
    if (other.get() != &shelf && !other->rack(use).ready.empty() &&
        (oldest == nullptr || other->last_use < oldest->last_use)) {
      oldest = other;
    }
  }
  if (oldest == nullptr || (use == Use::kClone && !doomed_.empty()) ||
      (use == Use::kReader && reader_count_ < config_.readers_max)) {
    return false;
  }
  Rack& rack = oldest->rack(use);
  ReadyPlace evicted = std::move(rack.ready.back());
  rack.ready.pop_back();
  if (use == Use::kReader) {
    --rack.count;
    --reader_count_;
    return true;
  }
  rack.target = rack.ready.size();
  doomed_.push_back({.databases = {std::move(evicted.place.database)}});
  return false;
}

aio::Task<void> ClonePool::Do(Work work) {
  const std::uint64_t epoch = epoch_;
  if (work.kind == Work::Kind::kMake) {
    co_await Make(std::move(work.shelf), work.use);
  } else {
    co_await Drop(std::move(work.databases));
    if (work.is_clone && epoch == epoch_) {
      --clone_count_;
    }
  }
  --busy_;
  if (!is_stopping_ && !databases_.is_open() && epoch == epoch_) {
    Lose();
  }
  Pump();
}

aio::Task<void> ClonePool::Drop(std::vector<std::string> databases) {
  for (std::string& database : databases) {
    auto dropped = co_await databases_.Drop(std::move(database), Deadline::After(kDropTime));
    if (!dropped && !is_stopping_) {
      log::Warn("a database of challenges was not dropped: {}", dropped.error().message);
    }
  }
}

aio::Task<void> ClonePool::Make(ShelfRef shelf, Use use) {
  Rack& rack = shelf->rack(use);
  std::size_t& total = use == Use::kClone ? clone_count_ : reader_count_;
  ++rack.making;
  ++rack.count;
  ++total;
  auto place = co_await databases_.Make(shelf->schema, use, Deadline::After(kMakeTime));
  --rack.making;
  if (!IsCurrent(*shelf)) {
    co_return;  // it was swept, or will be
  }
  if (place && !shelf->is_gone) {
    Give(*shelf, use, *std::move(place), 0);
    co_return;
  }
  if (place && use == Use::kClone) {
    doomed_.push_back({.databases = {std::move(place->database)}});
    co_return;
  }
  --rack.count;
  --total;
  if (place || is_stopping_ || !databases_.is_open()) {
    co_return;  // when all is lost, whoever waits begins again
  }
  log::Warn("no database for challenges could be made: {}", place.error().message);
  rack.target = 0;  // until somebody wants one again
  FailWaiting(*shelf, use, {.code = Code::kUnavailable, .message = place.error().message});
}

void ClonePool::Give(Shelf& shelf, Use use, Place place, std::size_t run_count) {
  Rack& rack = shelf.rack(use);
  ReadyPlace ready{.place = std::move(place), .run_count = run_count};
  if (rack.waiting.empty()) {
    rack.ready.push_back(std::move(ready));
    return;
  }
  // It goes straight to whoever waits longest, so that nobody can come in between.
  PlaceWaiter* const waiter = rack.waiting.front();
  rack.waiting.pop_front();
  ++shelf.run_count;
  waiter->place = std::move(ready);
  waiter->turn.cancel();
}

void ClonePool::GiveBack(const ShelfRef& shelf, Use use, ReadyPlace place) noexcept {
  --shelf->run_count;
  if (!IsCurrent(*shelf) || is_stopping_) {
    return;  // the session is closed
  }
  if (use == Use::kClone) {
    --shelf->rack(use).count;
    place.place.session.reset();
    doomed_.push_back({.databases = {std::move(place.place.database)}});
    Pump();
    return;
  }
  scope_.Spawn(Renew(shelf, std::move(place)));
}

aio::Task<void> ClonePool::Renew(ShelfRef shelf, ReadyPlace place) {
  sql::Session& session = *place.place.session;
  bool is_new = session.is_open() && !shelf->is_gone && ++place.run_count < config_.reader_runs_max;
  if (is_new) {
    is_new = co_await databases_.Renew(session, Deadline::After(kRenewTime));
  }
  if (!IsCurrent(*shelf)) {
    co_return;
  }
  if (is_new && !shelf->is_gone) {
    Give(*shelf, Use::kReader, std::move(place.place), place.run_count);
  } else {
    --shelf->rack(Use::kReader).count;
    --reader_count_;
  }
  Pump();
}

}  // namespace paddock::runners::server
