#include "identity/guest_claims.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "store/records.h"

namespace paddock::identity {

namespace asio = boost::asio;

store::Statement GuestClaims::Entry(const store::ClaimRecord& claim) const {
  return table_.Insert(claim, std::chrono::system_clock::now());
}

aio::Task<Result<void>> GuestClaims::Settle(store::ClaimRecord claim, Deadline deadline) {
  if (transfer_) {
    auto handed_over = co_await transfer_(claim.guest, claim.user, deadline);
    if (!handed_over) {
      co_return handed_over;
    }
  }
  store::Transaction transaction = attempts_.MoveAll(claim.guest, claim.user);
  for (store::Statement& statement : sql_history_.MoveAll(claim.guest, claim.user)) {
    transaction.push_back(std::move(statement));
  }
  transaction.push_back(table_.Delete(claim));
  auto written = co_await database_.Write(std::move(transaction), deadline);
  co_return store::WithoutRows(std::move(written));
}

aio::Task<void> GuestClaims::Run() {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  while (true) {
    auto settled = co_await SettleAll();
    if (!settled && settled.error().code == Code::kCancelled) {
      co_return;
    }
    if (!settled) {
      log::Warn("what a guest had was not handed over yet: {}", settled.error().message);
    }
    timer.expires_after(kInterval);
    const auto [error] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    if (error) {
      co_return;
    }
  }
}

aio::Task<Result<void>> GuestClaims::SettleAll() {
  auto claims = co_await table_.List(Deadline::After(kTransferTimeMax));
  if (!claims) {
    co_return Fail(std::move(claims).error());
  }
  // One that fails must not keep the others waiting.
  Result<void> outcome;
  for (store::ClaimRecord& claim : *claims) {
    auto settled = co_await Settle(std::move(claim), Deadline::After(kTransferTimeMax));
    if (!settled) {
      outcome = std::move(settled);
    }
  }
  co_return outcome;
}

}  // namespace paddock::identity
