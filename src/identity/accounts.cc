#include "identity/accounts.h"

#include <utility>

#include <fmt/format.h>

#include "base/check.h"
#include "base/log.h"
#include "identity/names.h"
#include "store/records.h"

namespace paddock::identity {
namespace {

using Wait = std::optional<std::chrono::milliseconds>;

constexpr std::size_t kNotesMax = 1000;  // under way; what comes on top is not noted
constexpr std::string_view kWrong = "The name or the password is wrong.";

std::unexpected<Error> TooManyGuesses(std::chrono::milliseconds wait) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait);
  return Fail(Code::kExhausted,
              fmt::format("Too many wrong passwords. Please try again in {} s.", seconds.count()));
}

std::chrono::steady_clock::time_point Now() { return std::chrono::steady_clock::now(); }

const UserId& ActorOf(const AuditContext& context) {
  PADDOCK_CHECK(context.principal.has_value());
  return context.principal->user;
}

Result<void> CheckProfile(const store::Profile& profile) {
  auto valid = CheckDisplayName(profile.display_name);
  if (valid && profile.email) {
    valid = CheckEmail(*profile.email);
  }
  return valid;
}

}  // namespace

Accounts::Accounts(store::Database& database,
                   std::string name_space,
                   AuditLog& audit,
                   CredentialCache& cache,
                   Admission& admission,
                   PasswordHasher& passwords,
                   aio::TaskScope& background)
    : database_(database),
      users_(database, name_space),
      sessions_(database, name_space),
      attempts_(name_space),
      sql_history_(database, std::move(name_space)),
      audit_(audit),
      cache_(cache),
      admission_(admission),
      passwords_(passwords),
      background_(background) {}

aio::Task<Result<SignedIn>> Accounts::SignIn(PasswordLogin login,
                                             Arrival arrival,
                                             Wait& retry_after,  // outlives the task
                                             Deadline deadline) {
  // A name that cannot be one is nobody's, and is counted and answered like one that nobody has.
  const std::string key = NameKey(login.name).value_or(std::string());
  retry_after = limits_.Begin(key, login.limit_key, Now());
  if (retry_after) {
    co_return TooManyGuesses(*retry_after);
  }
  auto user = co_await users_.FindByName(key, deadline);
  if (!user && user.error().code != Code::kNotFound) {
    limits_.Succeeded(key, login.limit_key);  // it was no guess that failed
    co_return Fail(std::move(user).error());
  }
  auto right = co_await Check(login.password, user ? &*user : nullptr);
  if (!right) {
    co_return Fail(std::move(right).error());
  }
  if (!*right || user->disabled) {
    if (user) {
      NoteRefusal(*user, arrival.client);
    }
    co_return Fail(Code::kDenied, std::string(kWrong));
  }
  limits_.Succeeded(key, login.limit_key);
  store::Transaction first;
  if (passwords_.IsOutdated(*user->password_hash)) {
    auto stronger = co_await passwords_.Hash(std::move(login.password));
    if (stronger) {
      first.push_back(users_.Rehash(user->id, *user->password_hash, *std::move(stronger)));
    }
  }
  auto signed_in = co_await admission_.LetIn(std::move(first), *std::move(user), std::move(arrival),
                                             "password", deadline);
  co_return signed_in;
}

aio::Task<Result<bool>> Accounts::HasAdmin(Deadline deadline) { return users_.HasAdmin(deadline); }

aio::Task<Result<store::UserRecord>> Accounts::Find(UserId user, Deadline deadline) {
  return users_.Find(std::move(user), deadline);
}

aio::Task<Result<store::UserRecord>> Accounts::SetProfile(AuditContext context,
                                                          store::Profile profile,
                                                          Deadline deadline) {
  auto valid = CheckProfile(profile);
  if (!valid) {
    co_return Fail(std::move(valid).error());
  }
  const UserId id = ActorOf(context);
  auto user = co_await users_.Find(id, deadline);
  if (!user) {
    co_return Fail(std::move(user).error());
  }
  auto entry = audit_.Entry(context, AuditAction::kUserChanged, SubjectOf(*user));
  store::Transaction transaction{users_.SetProfile(id, profile), std::move(entry)};
  auto written = co_await database_.Write(std::move(transaction), deadline);
  if (!written) {
    co_return Fail(std::move(written).error());
  }
  cache_.RefreshUser(id);
  user->display_name = std::move(profile.display_name);
  user->email = std::move(profile.email);
  user->language = std::move(profile.language);
  user->theme = std::move(profile.theme);
  co_return user;
}

aio::Task<Result<void>> Accounts::SetPassword(AuditContext context,
                                              PasswordChange change,
                                              Wait& retry_after,  // outlives the task
                                              Deadline deadline) {
  const UserId id = ActorOf(context);
  auto user = co_await users_.Find(id, deadline);
  if (!user) {
    co_return Fail(std::move(user).error());
  }
  if (!user->name_key) {
    co_return Fail(Code::kInvalid,
                   "This account has no name to sign in with: it is signed in to "
                   "by its provider, where its password is.");
  }
  auto strong = CheckNewPassword(change.wanted, *user->name_key);
  if (!strong) {
    co_return strong;
  }
  if (user->password_hash) {
    std::string current = std::move(change.current).value_or(std::string());
    auto right =
        co_await CheckCurrent(*user, std::move(current), std::move(change.limit_key), retry_after);
    if (!right) {
      co_return right;
    }
  }
  auto hash = co_await passwords_.Hash(std::move(change.wanted));
  if (!hash) {
    co_return Fail(std::move(hash).error());
  }
  store::Transaction transaction{
      users_.SetPassword(id, *std::move(hash)),
      sessions_.DeleteAllOf(id, context.principal->session),
      audit_.Entry(context, AuditAction::kPasswordChanged, SubjectOf(*user))};
  auto written = co_await database_.Write(std::move(transaction), deadline);
  cache_.ForgetSessionsOf(id, context.principal->session);
  co_return store::WithoutRows(std::move(written));
}

aio::Task<Result<void>> Accounts::Delete(AuditContext context,
                                         PasswordLogin login,
                                         Wait& retry_after,  // outlives the task
                                         Deadline deadline) {
  const UserId id = ActorOf(context);
  auto user = co_await users_.Find(id, deadline);
  if (!user) {
    co_return Fail(std::move(user).error());
  }
  if (user->password_hash) {
    auto right = co_await CheckCurrent(*user, std::move(login.password), std::move(login.limit_key),
                                       retry_after);
    if (!right) {
      co_return right;
    }
  }
  auto entry = audit_.Entry(context, AuditAction::kUserDeleted, SubjectOf(*user));
  store::Transaction transaction{users_.Delete(id), std::move(entry)};
  for (store::Statement& statement : attempts_.DeleteAll(id)) {
    transaction.push_back(std::move(statement));
  }
  transaction.push_back(sql_history_.DeleteAll(id));
  auto written = co_await database_.Write(std::move(transaction), deadline);
  cache_.ForgetUser(id);
  co_return store::WithoutRows(std::move(written));
}

// In the background: the time that it takes to write would tell that there is such a user.
void Accounts::NoteRefusal(const store::UserRecord& user, const ClientInfo& client) {
  if (background_.running_count() < kNotesMax) {
    AuditContext context{.principal = std::nullopt, .address = client.address};
    background_.Spawn(
        audit_.Record(std::move(context), AuditAction::kSessionRefused, SubjectOf(user)));
  }
}

aio::Task<Result<bool>> Accounts::Check(std::string password, const store::UserRecord* user) {
  std::optional<std::string> hash;
  if (user != nullptr) {
    hash = user->password_hash;
  }
  return passwords_.Verify(std::move(password), std::move(hash));
}

aio::Task<Result<void>> Accounts::CheckCurrent(store::UserRecord user,
                                               std::string password,
                                               std::string limit_key,
                                               Wait& retry_after) {  // outlives the task
  // Counted apart from sign-ins, where strangers may have used up what there is.
  const std::string& key = user.id.value();
  retry_after = limits_.Begin(key, limit_key, Now());
  if (retry_after) {
    co_return TooManyGuesses(*retry_after);
  }
  auto right = co_await Check(std::move(password), &user);
  if (!right) {
    co_return Fail(std::move(right).error());
  }
  if (!*right) {
    co_return Fail(Code::kDenied, "The current password is wrong.");
  }
  limits_.Succeeded(key, limit_key);
  co_return Result<void>();
}

}  // namespace paddock::identity
