#include "identity/sessions.h"

#include <algorithm>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "identity/secret_text.h"
#include "store/records.h"

namespace paddock::identity {
namespace {

namespace asio = boost::asio;
using std::chrono::steady_clock;
using std::chrono::system_clock;

constexpr std::size_t kUserAgentBytesMax = 256;
constexpr std::chrono::seconds kSeenTimeMax{10};
constexpr std::chrono::minutes kPruneInterval{10};
constexpr std::chrono::seconds kPruneTimeMax{30};
constexpr std::int64_t kPruneRows = 500;
constexpr std::size_t kSeenWritesMax = 1000;  // under way; what comes on top is not noted

/// Only what can be shown: a header may hold any bytes.
std::string Shown(std::string_view user_agent) {
  std::string shown(user_agent.substr(0, kUserAgentBytesMax));
  std::ranges::replace_if(shown, [](char c) { return c < ' ' || c > '~'; }, '?');
  return shown;
}

bool MayBeUsed(const store::SessionHolder& holder, store::SystemTime now) {
  return now < holder.session.expires_at && !holder.disabled &&
         (!holder.session.acting_admin || holder.acting_admin_is_admin);
}

Principal PrincipalOf(store::SessionHolder holder) {
  return {.user = std::move(holder.session.user),
          .role = holder.role,
          .credential = CredentialKind::kSession,
          .name = std::move(holder.name),
          .session = std::move(holder.session.id),
          .acting_admin = std::move(holder.session.acting_admin),
          .acting_admin_name = std::move(holder.acting_admin_name)};
}

}  // namespace

NewSession Sessions::Make(const UserId& user,
                          const ClientInfo& client,
                          const std::optional<UserId>& acting_admin) const {
  const auto now = system_clock::now();
  store::SessionRecord record{.id = NewId<SessionId>(),
                              .user = user,
                              .acting_admin = acting_admin,
                              .created_at = now,
                              .seen_at = now,
                              .address = client.address,
                              .user_agent = Shown(client.user_agent)};
  record.expires_at = ExpiryAt(record, now);
  return {.secret = NewSecretText(kSessionPrefix), .record = std::move(record)};
}

store::Transaction Sessions::Entry(const NewSession& session) const {
  return {table_.Insert(session.record, HashOfSecret(session.secret)),
          table_.DeleteSurplus(session.record.user)};
}

aio::Task<Result<SharedPrincipal>> Sessions::LookUp(std::string secret, Deadline deadline) {
  const auto generation = cache_.generation();
  auto found = co_await table_.FindBySecret(HashOfSecret(secret), deadline);
  const auto now = system_clock::now();
  if ((!found && found.error().code == Code::kNotFound) || (found && !MayBeUsed(*found, now))) {
    co_return Fail(Code::kDenied, "Your session is over. Please sign in again.");
  }
  if (!found) {
    co_return Fail(std::move(found).error());
  }
  NoteSeen(found->session, now);
  const auto left =
      std::chrono::duration_cast<steady_clock::duration>(ExpiryAt(found->session, now) - now);
  auto principal = std::make_shared<const Principal>(PrincipalOf(*std::move(found)));
  const auto trusted = std::min<steady_clock::duration>(left, CredentialCache::kTrustedMax);
  cache_.Remember(secret, principal, steady_clock::now() + trusted, generation);
  co_return principal;
}

aio::Task<Result<std::vector<store::SessionHolder>>> Sessions::List(UserId user,
                                                                    Deadline deadline) {
  return table_.List(std::move(user), system_clock::now(), deadline);
}

aio::Task<Result<store::SessionHolder>> Sessions::Find(SessionId id, Deadline deadline) {
  return table_.Find(std::move(id), deadline);
}

aio::Task<Result<void>> Sessions::Close(store::Statement audit,
                                        SessionId session,
                                        Deadline deadline) {
  store::Transaction transaction{table_.Delete(session), std::move(audit)};
  auto written = co_await database_.Write(std::move(transaction), deadline);
  cache_.ForgetSession(session);
  co_return store::WithoutRows(std::move(written));
}

aio::Task<Result<void>> Sessions::Revoke(store::Statement audit,
                                         UserId user,
                                         SessionId session,
                                         Deadline deadline) {
  store::Transaction transaction{table_.DeleteOf(user, session), std::move(audit)};
  auto written = co_await database_.Write(std::move(transaction), deadline);
  cache_.ForgetSession(session);
  co_return store::WithoutRows(std::move(written));
}

aio::Task<Result<void>> Sessions::RevokeAll(store::Statement audit,
                                            UserId user,
                                            std::optional<SessionId> kept,
                                            Deadline deadline) {
  store::Transaction transaction{table_.DeleteAllOf(user, kept), std::move(audit)};
  auto written = co_await database_.Write(std::move(transaction), deadline);
  cache_.ForgetSessionsOf(user, kept);
  co_return store::WithoutRows(std::move(written));
}

aio::Task<void> Sessions::RunPruning() {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  while (true) {
    store::Transaction transaction{table_.DeleteExpired(system_clock::now(), kPruneRows)};
    auto pruned = co_await database_.Write(std::move(transaction), Deadline::After(kPruneTimeMax));
    if (!pruned && pruned.error().code == Code::kCancelled) {
      co_return;
    }
    if (!pruned) {
      log::Warn("expired sessions were not deleted: {}", pruned.error().message);
    }
    timer.expires_after(kPruneInterval);
    const auto [error] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    if (error) {
      co_return;
    }
  }
}

store::SystemTime Sessions::ExpiryAt(const store::SessionRecord& session,
                                     store::SystemTime now) const {
  if (session.acting_admin) {
    return session.created_at + kActingMax;
  }
  return std::min(now + lifetime_, session.created_at + kLifetimesMax * lifetime_);
}

void Sessions::NoteSeen(const store::SessionRecord& session, store::SystemTime now) {
  if (now - session.seen_at < kSeenInterval || background_.running_count() >= kSeenWritesMax) {
    return;
  }
  background_.Spawn(WriteSeen({table_.Touch(session.id, now, ExpiryAt(session, now))}));
}

aio::Task<void> Sessions::WriteSeen(store::Transaction transaction) {
  auto written = co_await database_.Write(std::move(transaction), Deadline::After(kSeenTimeMax));
  if (!written && written.error().code != Code::kCancelled) {
    log::Warn("when a session was last seen was not noted: {}", written.error().message);
  }
}

}  // namespace paddock::identity
