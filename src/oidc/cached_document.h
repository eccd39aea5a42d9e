// CachedDocument: something that is fetched when it is needed, shared by all who ask, and kept up
// to date as RefreshSchedule says.
//
// Used by Provider, for the metadata and for the keys. There is one fetch at a time, in a scope of
// its own: who gives up waiting leaves it running for the others.
//
// Threading: loop thread only. Ownership: outlives the tasks that ask; the source outlives it.
#pragma once

#include <chrono>
#include <memory>
#include <utility>

#include <boost/asio/any_io_executor.hpp>

#include "aio/condition.h"
#include "aio/task.h"
#include "aio/task_scope.h"
#include "base/deadline.h"
#include "base/log.h"
#include "base/result.h"
#include "oidc/moment.h"
#include "oidc/refresh_schedule.h"

namespace paddock::oidc {

/// Where a CachedDocument comes from.
template <class T>
class DocumentSource {
 public:
  DocumentSource() = default;
  DocumentSource(const DocumentSource&) = delete;
  DocumentSource& operator=(const DocumentSource&) = delete;
  virtual ~DocumentSource() = default;

  [[nodiscard]] virtual aio::Task<Result<T>> Fetch(Moment now, Deadline deadline) = 0;
};

template <class T>
class CachedDocument {
 public:
  using Shared = std::shared_ptr<const T>;

  CachedDocument(DocumentSource<T>& source,
                 boost::asio::any_io_executor executor,
                 const RefreshPolicy& policy)
      : source_(source), schedule_(policy), fetches_(std::move(executor)) {}

  /// The document: fresh, or else fetched now, or else the last one while it is usable. Fails with
  /// kUnavailable, kDeadlineExceeded, kCancelled.
  [[nodiscard]] aio::Task<Result<Shared>> Get(Moment now, Deadline deadline) {
    if (schedule_.IsFresh(now.steady)) {
      co_return document_;
    }
    if (is_fetching_ || schedule_.MayRetry(now.steady)) {
      auto fetched = co_await AwaitFetch(now, deadline);
      const bool is_cancelled = !fetched && fetched.error().code == Code::kCancelled;
      if (is_cancelled || (!fetched && !schedule_.IsUsable(now.steady))) {
        co_return Fail(std::move(fetched).error());
      }
    }
    if (schedule_.IsUsable(now.steady)) {
      co_return document_;
    }
    co_return Fail(failure_);
  }

  /// A document other than `known`; `known` itself when it is too early to ask again. Fails as
  /// Get; the source not answering is a failure here, for `known` was not good enough.
  [[nodiscard]] aio::Task<Result<Shared>> Newer(Shared known, Moment now, Deadline deadline) {
    if (document_ != known) {
      co_return document_;  // somebody else has asked meanwhile
    }
    if (!is_fetching_ && !schedule_.MayRetry(now.steady)) {
      co_return Fail(failure_);
    }
    if (!is_fetching_ && !schedule_.MayRefreshEarly(now.steady)) {
      co_return known;
    }
    auto fetched = co_await AwaitFetch(now, deadline);
    if (!fetched) {
      co_return Fail(std::move(fetched).error());
    }
    if (document_ == known) {
      co_return Fail(failure_);
    }
    co_return document_;
  }

  /// Cancels and awaits the fetch that runs. Nothing may be called afterwards.
  [[nodiscard]] aio::Task<void> Close() {
    fetches_.Cancel();
    co_await fetches_.Join();
  }

 private:
  [[nodiscard]] aio::Task<Result<void>> AwaitFetch(Moment now, Deadline deadline) {
    if (!is_fetching_) {
      is_fetching_ = true;
      fetches_.Spawn(Refresh(now));
    }
    while (is_fetching_) {
      auto ended = co_await fetch_ended_.Wait(deadline);
      if (!ended) {
        co_return Fail(std::move(ended).error());
      }
    }
    co_return Result<void>();
  }

  [[nodiscard]] aio::Task<void> Refresh(Moment now) {
    const auto started_at = std::chrono::steady_clock::now();
    const auto deadline = Deadline::After(schedule_.policy().fetch_timeout);
    auto fetched = co_await source_.Fetch(now, deadline);
    // A pause counts from the end. In whole seconds, so that a test's clock is not stirred.
    const SteadyTime ended_at = now.steady + std::chrono::floor<std::chrono::seconds>(
                                                 std::chrono::steady_clock::now() - started_at);
    if (fetched) {
      document_ = std::make_shared<const T>(*std::move(fetched));
      schedule_.Succeeded(now.steady);
    } else {
      schedule_.Failed(ended_at);
      failure_ = {.code = Code::kUnavailable, .message = std::move(fetched).error().message};
      log::Warn("{}", failure_.message);
    }
    is_fetching_ = false;
    fetch_ended_.NotifyAll();
  }

  DocumentSource<T>& source_;
  RefreshSchedule schedule_;
  Shared document_;
  Error failure_{.code = Code::kUnavailable, .message = "nothing was fetched yet"};  // the last one
  bool is_fetching_ = false;
  aio::Condition fetch_ended_;
  aio::TaskScope fetches_;
};

}  // namespace paddock::oidc
