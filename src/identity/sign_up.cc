#include "identity/sign_up.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/check.h"
#include "identity/links.h"
#include "identity/names.h"
#include "identity/secret_text.h"
#include "store/records.h"

namespace paddock::identity {
namespace {

using std::chrono::system_clock;

void Append(store::Transaction& transaction, store::Transaction more) {
  std::ranges::move(more, std::back_inserter(transaction));
}

/// What is known of the class that a link leads into.
store::ClassRecord ClassOf(const store::LinkView& view) {
  return {.id = *view.link.class_id,
          .name = view.class_name.value_or(std::string()),
          .teacher = UserId(std::string()),
          .teacher_name = {},
          .join_code = {},
          .created_at = {}};
}

}  // namespace

SignUp::SignUp(const Parts& parts, const std::string& name_space)
    : parts_(parts),
      users_(parts.database, name_space),
      sessions_(parts.database, name_space),
      links_(parts.database, name_space) {}

aio::Task<Result<store::LinkView>> SignUp::Look(std::string secret, Deadline deadline) {
  // A text that is no secret hashes to what no link has.
  return links_.FindBySecret(HashOfSecret(secret), system_clock::now(), deadline);
}

aio::Task<Result<SignedIn>> SignUp::UseLink(std::string secret,
                                            NewAccount account,
                                            Arrival arrival,
                                            Deadline deadline) {
  auto view = co_await Look(std::move(secret), deadline);
  if (!view) {
    co_return Fail(std::move(view).error());
  }
  if (view->link.purpose == store::LinkPurpose::kReset) {
    auto reset = co_await UseReset(*std::move(view), std::move(account.password),
                                   std::move(arrival), deadline);
    co_return reset;
  }
  auto user = co_await Draft(std::move(account), view->link.role);
  if (!user) {
    co_return Fail(std::move(user).error());
  }
  const AuditContext context = ContextOf(*user, arrival.client);
  store::Transaction first;
  AddLinkUse(first, view->link, context);
  first.push_back(users_.Insert(*user));
  AuditDetail detail{{"role", std::string(Name(user->role))}};
  first.push_back(
      parts_.audit.Entry(context, AuditAction::kUserSignedUp, SubjectOf(*user), std::move(detail)));
  AddClass(first, context, *view, user->id);
  auto signed_in = co_await parts_.admission.LetIn(std::move(first), *std::move(user),
                                                   std::move(arrival), "link", deadline);
  co_return signed_in;
}

aio::Task<Result<SignedIn>> SignUp::UseReset(store::LinkView view,
                                             std::string password,
                                             Arrival arrival,
                                             Deadline deadline) {
  PADDOCK_CHECK(view.link.user.has_value());
  auto user = co_await users_.Find(*view.link.user, deadline);
  if (!user) {
    co_return Fail(std::move(user).error());
  }
  if (user->disabled) {
    co_return Fail(Code::kDenied, "This account is disabled. Ask an admin.");
  }
  auto strong = CheckNewPassword(password, user->name_key.value_or(std::string()));
  if (!strong) {
    co_return Fail(std::move(strong).error());
  }
  auto hash = co_await parts_.passwords.Hash(std::move(password));
  if (!hash) {
    co_return Fail(std::move(hash).error());
  }
  const AuditContext context = ContextOf(*user, arrival.client);
  store::Transaction first;
  AddLinkUse(first, view.link, context);
  first.push_back(users_.SetPassword(user->id, *std::move(hash)));
  first.push_back(sessions_.DeleteAllOf(user->id, std::nullopt));
  first.push_back(parts_.audit.Entry(context, AuditAction::kPasswordReset, SubjectOf(*user)));
  const UserId id = user->id;
  auto signed_in = co_await parts_.admission.LetIn(std::move(first), *std::move(user),
                                                   std::move(arrival), "reset", deadline);
  parts_.cache.ForgetUser(id);
  co_return signed_in;
}

aio::Task<Result<void>> SignUp::Join(AuditContext context, std::string secret, Deadline deadline) {
  PADDOCK_CHECK(context.principal.has_value());
  auto view = co_await Look(std::move(secret), deadline);
  if (!view) {
    co_return Fail(std::move(view).error());
  }
  if (view->link.purpose != store::LinkPurpose::kInvitation) {
    co_return Fail(Code::kInvalid,
                   "This link is not an invitation: it is for a new password, or "
                   "for a new account.");
  }
  const Principal& who = *context.principal;
  const bool is_raised = view->link.role > who.role;
  if (!is_raised && !view->link.class_id) {
    co_return Fail(Code::kConflict, "You have all that this invitation gives.");
  }
  store::Transaction transaction;
  AddLinkUse(transaction, view->link, context);
  if (is_raised) {
    AuditSubject subject{.kind = SubjectKind::kUser, .id = who.user.value(), .name = who.name};
    AuditDetail detail{{"role", std::string(Name(view->link.role))}};
    transaction.push_back(users_.SetRole(who.user, view->link.role));
    transaction.push_back(parts_.audit.Entry(context, AuditAction::kUserRoleChanged,
                                             std::move(subject), std::move(detail)));
  }
  AddClass(transaction, context, *view, who.user);
  auto written = co_await parts_.database.Write(std::move(transaction), deadline);
  parts_.cache.RefreshUser(who.user);
  parts_.classes.Entered(who.user);
  co_return store::WithoutRows(std::move(written));
}

aio::Task<Result<SignedIn>> SignUp::UseCode(std::string code,
                                            NewAccount account,
                                            Arrival arrival,
                                            Deadline deadline) {
  auto record =
      co_await parts_.classes.FindByCode(std::move(code), UserId(std::string()), deadline);
  if (!record) {
    co_return Fail(std::move(record).error());
  }
  auto user = co_await Draft(std::move(account), Role::kLearner);
  if (!user) {
    co_return Fail(std::move(user).error());
  }
  const AuditContext context = ContextOf(*user, arrival.client);
  store::Transaction first{users_.Insert(*user),
                           parts_.audit.Entry(context, AuditAction::kUserSignedUp, SubjectOf(*user),
                                              {{"role", "learner"}})};
  Append(first, parts_.classes.Entry(context, *record, user->id));
  auto signed_in = co_await parts_.admission.LetIn(std::move(first), *std::move(user),
                                                   std::move(arrival), "code", deadline);
  co_return signed_in;
}

aio::Task<Result<store::UserRecord>> SignUp::Draft(NewAccount account, Role role) {
  auto key = NameKey(account.name);
  if (!key) {
    co_return Fail(std::move(key).error());
  }
  if (account.display_name.empty()) {
    account.display_name = account.name;
  }
  auto valid = CheckDisplayName(account.display_name);
  if (valid) {
    valid = CheckNewPassword(account.password, *key);
  }
  if (!valid) {
    co_return Fail(std::move(valid).error());
  }
  auto hash = co_await parts_.passwords.Hash(std::move(account.password));
  if (!hash) {
    co_return Fail(std::move(hash).error());
  }
  const auto now = system_clock::now();
  store::UserRecord user{.id = NewId<UserId>(),
                         .role = role,
                         .name = std::move(account.name),
                         .name_key = *std::move(key),
                         .display_name = std::move(account.display_name),
                         .password_hash = *std::move(hash),
                         .created_at = now,
                         .seen_at = now};
  co_return user;
}

void SignUp::AddLinkUse(store::Transaction& transaction,
                        const store::LinkRecord& link,
                        const AuditContext& context) const {
  AuditDetail detail{{"purpose", std::string(store::Name(link.purpose))}};
  transaction.push_back(links_.Use(link.id, system_clock::now()));
  transaction.push_back(
      parts_.audit.Entry(context, AuditAction::kLinkUsed, SubjectOf(link), std::move(detail)));
}

void SignUp::AddClass(store::Transaction& transaction,
                      const AuditContext& context,
                      const store::LinkView& view,
                      const UserId& member) const {
  if (view.link.class_id) {
    Append(transaction, parts_.classes.Entry(context, ClassOf(view), member));
  }
}

}  // namespace paddock::identity
