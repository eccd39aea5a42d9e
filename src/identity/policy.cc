#include "identity/policy.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

namespace paddock::identity {
namespace {

/// A relation that nobody may have with the thing.
constexpr std::optional<Role> kNobody = std::nullopt;
constexpr std::optional<Scope> kAnyScope = std::nullopt;

struct Rule {
  Action action;
  std::string_view name;
  // The least role for each relation.
  std::optional<Role> own;
  std::optional<Role> in_class;
  std::optional<Role> other;
  std::optional<Scope> scope;
  bool only_session = false;  // a token must not be able to make itself more than it is
};

constexpr auto kRules = std::to_array<Rule>({
    {Action::kReadServer, "read the server", Role::kGuest, Role::kGuest, Role::kGuest, kAnyScope},
    {Action::kReadSandbox, "read a sandbox", Role::kGuest, kNobody, kNobody, kAnyScope},
    {Action::kUseSandbox, "use a sandbox", Role::kGuest, kNobody, kNobody, Scope::kWriteResource},
    {Action::kReadAccount, "read an account", Role::kLearner, kNobody, kNobody, kAnyScope},
    {Action::kManageAccount, "change an account", Role::kLearner, kNobody, kNobody, kAnyScope,
     true},
    {Action::kJoinClass, "join a class", Role::kLearner, Role::kLearner, Role::kLearner,
     Scope::kWriteResource},
    {Action::kReadClass, "read a class", Role::kTeacher, Role::kLearner, Role::kAdmin, kAnyScope},
    {Action::kReadMembers, "read the members of a class", Role::kTeacher, kNobody, Role::kAdmin,
     Scope::kManageClass},
    {Action::kLeaveClass, "leave a class", kNobody, Role::kLearner, kNobody, Scope::kWriteResource},
    {Action::kCreateClass, "create a class", Role::kTeacher, Role::kTeacher, Role::kTeacher,
     Scope::kManageClass},
    {Action::kManageClass, "change a class", Role::kTeacher, kNobody, Role::kAdmin,
     Scope::kManageClass},
    {Action::kInvite, "invite somebody", Role::kTeacher, kNobody, Role::kAdmin,
     Scope::kManageClass},
    {Action::kReadUsers, "read users", Role::kAdmin, Role::kAdmin, Role::kAdmin,
     Scope::kManageServer},
    {Action::kManageUsers, "change users", Role::kAdmin, Role::kAdmin, Role::kAdmin,
     Scope::kManageServer},
    {Action::kActAs, "act as another user", kNobody, Role::kAdmin, Role::kAdmin,
     Scope::kManageServer, true},
    {Action::kManageQuotas, "change quotas", Role::kAdmin, Role::kAdmin, Role::kAdmin,
     Scope::kManageServer},
    {Action::kReadAudit, "read the audit log", Role::kAdmin, Role::kAdmin, Role::kAdmin,
     Scope::kManageServer},
    {Action::kReadSystem, "read the state of the server", Role::kAdmin, Role::kAdmin, Role::kAdmin,
     Scope::kManageServer},
    {Action::kReadSchemas, "read schemas", Role::kGuest, Role::kGuest, Role::kGuest,
     Scope::kReadSchema},
    {Action::kReadQuestions, "read questions", Role::kGuest, Role::kGuest, Role::kGuest,
     Scope::kReadQuestion},
    {Action::kReadSolutions, "read solutions", Role::kGuest, Role::kGuest, Role::kGuest,
     Scope::kReadSolution},
    {Action::kChallenge, "run and submit challenges", Role::kGuest, Role::kGuest, Role::kGuest,
     Scope::kChallenge},
    {Action::kReadStatistics, "read statistics of questions", Role::kTeacher, Role::kTeacher,
     Role::kTeacher, Scope::kManageClass},
    {Action::kAuthorQuestions, "write questions", Role::kTeacher, kNobody, Role::kAdmin,
     Scope::kManageClass},
    {Action::kReadDatabases, "read registered databases", Role::kLearner, Role::kLearner,
     Role::kLearner, kAnyScope},
    {Action::kManageDatabases, "register databases", Role::kAdmin, Role::kAdmin, Role::kAdmin,
     Scope::kManageServer},
});
static_assert(kRules.size() == static_cast<std::size_t>(kLastAction) + 1);

consteval bool IsInOrder() {
  for (std::size_t i = 0; i < kRules.size(); ++i) {
    if (static_cast<std::size_t>(kRules.at(i).action) != i) {
      return false;
    }
  }
  return true;
}
static_assert(IsInOrder());

const Rule& RuleOf(Action action) { return kRules.at(static_cast<std::size_t>(action)); }

std::optional<Role> LeastRole(const Rule& rule, Relation relation) {
  switch (relation) {
    case Relation::kOwn: return rule.own;
    case Relation::kClass: return rule.in_class;
    case Relation::kOther: return rule.other;
  }
  return kNobody;
}

std::unexpected<Error> Denied(std::string message) {
  return Fail(Code::kDenied, std::move(message));
}

/// What does not depend on whose thing it is.
Result<void> CheckCredential(const Principal& principal, const Rule& rule) {
  if (rule.only_session && principal.credential != CredentialKind::kSession &&
      principal.credential != CredentialKind::kGuestToken) {
    return Denied("This is not possible with a token: sign in for it.");
  }
  // It would outlast the acting: a password, a token, an account that is gone.
  if (rule.only_session && principal.acting_admin) {
    return Denied("This is the user's own to do: it is not possible while acting as them.");
  }
  return rule.scope ? RequireScope(principal, *rule.scope) : Result<void>();
}

Result<void> CheckRole(const Principal& principal, std::optional<Role> least) {
  if (!least) {
    return Denied("This is not yours.");
  }
  if (principal.role >= *least) {
    return {};
  }
  return Denied(principal.role == Role::kGuest
                    ? std::string("Please sign in for this.")
                    : fmt::format("Only a {} may do this.", Name(*least)));
}

}  // namespace

std::string_view Name(Action action) noexcept { return RuleOf(action).name; }

Result<void> Check(const Principal& principal, Action action, Relation relation) {
  const Rule& rule = RuleOf(action);
  const auto least = LeastRole(rule, relation);
  auto allowed = CheckRole(principal, least);
  if (allowed) {
    allowed = CheckCredential(principal, rule);
  }
  // What somebody may do only as an admin takes an admin's scope, whatever it is.
  if (allowed && relation == Relation::kOther && least == Role::kAdmin) {
    allowed = RequireScope(principal, Scope::kManageServer);
  }
  return allowed;
}

Result<void> CheckAtAll(const Principal& principal, Action action) {
  const Rule& rule = RuleOf(action);
  std::optional<Role> least = rule.own;
  for (const auto& role : {rule.in_class, rule.other}) {
    if (role && (!least || *role < *least)) {
      least = role;
    }
  }
  auto allowed = CheckRole(principal, least);
  return allowed ? CheckCredential(principal, rule) : allowed;
}

Result<void> RequireScope(const Principal& principal, Scope scope) {
  if (principal.scopes.Has(scope)) {
    return {};
  }
  return Denied(fmt::format("The token lacks the scope {}.", Name(scope)));
}

}  // namespace paddock::identity
