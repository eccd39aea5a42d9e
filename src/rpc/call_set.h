// CallSet: unary calls that are under way, each awaited by a task on the loop.
//
// Used by every client of a service. gRPC's threads know of nothing but a call's own state and the
// count of those in flight.
// Threading: loop thread. Ownership: shared with the calls; the destructor cancels what is left
// and waits until gRPC has let go of it.
#pragma once

#include <algorithm>
#include <chrono>
#include <list>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <grpcpp/grpcpp.h>

#include "aio/condition.h"
#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "rpc/in_flight.h"
#include "rpc/status.h"

namespace paddock::rpc {

inline constexpr auto kCallTimeMax = std::chrono::minutes(5);

class CallSet : public std::enable_shared_from_this<CallSet> {
 public:
  explicit CallSet(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}
  ~CallSet() {
    CancelAll();
    in_flight_.WaitForNone();
  }
  CallSet(const CallSet&) = delete;
  CallSet& operator=(const CallSet&) = delete;

  /// Makes one call. `start` gets (context, request, reply, done) and begins it on a stub, which
  /// lives until then. A failure is FromStatus with the frame `who`, or kCancelled.
  template <class Reply, class Request, class Start>
  [[nodiscard]] static aio::Task<Result<Reply>> Call(std::shared_ptr<CallSet> calls,
                                                     Start start,
                                                     Request request,
                                                     std::string who,
                                                     Deadline deadline) {
    auto pending = std::make_shared<Pending<Request, Reply>>();
    pending->request = std::move(request);
    pending->context.set_deadline(EndOf(deadline));
    const auto listed = calls->Begin<Request, Reply>(start, pending);
    while (!pending->is_finished) {
      auto finished = co_await pending->finished.Wait(Deadline::Never());
      if (!finished && !pending->is_finished) {
        pending->context.TryCancel();
        calls->contexts_.erase(listed);
        co_return Fail(Code::kCancelled, "cancelled");
      }
    }
    calls->contexts_.erase(listed);
    if (!pending->status.ok()) {
      co_return Fail(FromStatus(pending->status).With(who));
    }
    co_return std::move(pending->reply);
  }

  /// Makes a call that nobody waits for, for at most `time`.
  template <class Reply, class Request, class Start>
  void CallAndForget(Start start, Request request, std::chrono::milliseconds time) {
    auto pending = std::make_shared<Pending<Request, Reply>>();
    pending->request = std::move(request);
    pending->context.set_deadline(std::chrono::system_clock::now() + time);
    pending->is_forgotten = true;
    Begin<Request, Reply>(start, std::move(pending));
  }

  void CancelAll() {
    for (grpc::ClientContext* context : contexts_) {
      context->TryCancel();
    }
  }
  /// For gRPC, on its clock: no call may take longer than kCallTimeMax.
  [[nodiscard]] static std::chrono::system_clock::time_point EndOf(Deadline deadline) {
    const auto left = std::min<std::chrono::steady_clock::duration>(
        deadline.when() - std::chrono::steady_clock::now(), kCallTimeMax);
    return std::chrono::system_clock::now() +
           std::chrono::duration_cast<std::chrono::system_clock::duration>(left);
  }
  /// For streams, which wait for none too.
  [[nodiscard]] InFlight& in_flight() noexcept { return in_flight_; }

 private:
  using Contexts = std::list<grpc::ClientContext*>;

  template <class Request, class Reply>
  struct Pending {
    grpc::ClientContext context;
    Request request;
    Reply reply;
    grpc::Status status;
    aio::Condition finished;
    bool is_finished = false;
    bool is_forgotten = false;
    Contexts::iterator listed;
  };

  template <class Request, class Reply, class Start>
  Contexts::iterator Begin(Start start, std::shared_ptr<Pending<Request, Reply>> pending) {
    const auto listed = contexts_.insert(contexts_.end(), &pending->context);
    pending->listed = listed;
    in_flight_.Add();
    auto* raw = pending.get();
    // gRPC's thread keeps nothing: with the last reference to a channel it would join itself.
    auto on_done = [this, call = std::move(pending)](grpc::Status status) mutable {
      auto resume = [weak = weak_from_this(), ended = std::move(call),
                     outcome = std::move(status)]() mutable {
        ended->status = std::move(outcome);
        ended->is_finished = true;
        ended->finished.NotifyAll();
        const auto calls = weak.lock();
        if (calls && ended->is_forgotten) {
          calls->contexts_.erase(ended->listed);
        }
      };
      boost::asio::post(executor_, std::move(resume));
      in_flight_.Remove();
    };
    start(&raw->context, &raw->request, &raw->reply, std::move(on_done));
    return listed;
  }

  boost::asio::any_io_executor executor_;
  Contexts contexts_;
  InFlight in_flight_;
};

}  // namespace paddock::rpc
