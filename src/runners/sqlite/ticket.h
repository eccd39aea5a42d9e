// Ticket: a run on its way through the pool. Used by SqliteRunner and by the queue of its workers.
// Threading: loop thread. Ownership: shared by who waits for it and by where it stands.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/deadline.h"
#include "base/result.h"
#include "challenges/runner.h"

namespace paddock::runners::sqlite {

struct Ticket {
  Ticket(const boost::asio::any_io_executor& executor, challenges::RunRequest asked, Deadline until)
      : request(std::move(asked)), settled(executor, until.when()) {}

  void Settle(Result<challenges::RunOutcomeRef> outcome) {
    result = std::move(outcome);
    settled.cancel();
  }

  challenges::RunRequest request;
  boost::asio::steady_timer settled;  // at the deadline; cancelled when there is a result
  std::optional<Result<challenges::RunOutcomeRef>> result;
  std::size_t losses = 0;  // workers that died when it stood behind another run, or was not sent
};
using TicketRef = std::shared_ptr<Ticket>;

/// A run that a worker has, or is about to be sent.
struct SentRun {
  TicketRef ticket;  // null: nobody waits for the answer any more
  std::uint32_t serial = 0;
  bool with_script = false;
  bool is_sent = false;  // the worker may have begun
};

}  // namespace paddock::runners::sqlite
