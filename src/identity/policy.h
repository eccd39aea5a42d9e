// Policy: the one place that says what roles, scopes and kinds of credentials may do.
//
// Every route names its Action; the gateway asks Check before the handler runs, and a handler asks
// again with the Relation once it knows whose thing is meant. Nothing else compares roles.
//
// Threading: pure functions.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "identity/principal.h"

namespace paddock::identity {

/// Whose thing it is, as seen by the one who asks.
enum class Relation : std::uint8_t {
  kOwn,    // theirs; a teacher's own class
  kClass,  // of a class that both are in
  kOther,
};

enum class Action : std::uint8_t {
  kReadServer,     // images, status in brief, one's own session
  kReadSandbox,    // list, look, watch
  kUseSandbox,     // make, run, write, delete
  kReadAccount,    // one's profile
  kManageAccount,  // profile, password, sessions, tokens: never with a token
  kJoinClass,
  kReadClass,    // its name, its teacher, how many are in it
  kReadMembers,  // who is in it
  kLeaveClass,
  kCreateClass,
  kManageClass,  // rename, code, members, quota, delete
  kInvite,       // learners into a class; anybody as an admin
  kReadUsers,
  kManageUsers,  // roles, disabling, passwords, deleting
  kActAs,        // be another user for a while, on the record
  kManageQuotas,
  kReadAudit,
  kReadSystem,  // the whole status
  kReadSchemas,
  kReadQuestions,  // with hints, one's own progress and the leaderboard
  kReadSolutions,
  kChallenge,        // run and submit
  kReadStatistics,   // where learners fail
  kAuthorQuestions,  // write, change and delete them, and the schemas
  kReadDatabases,    // registered ones: what they are called, and sessions with them
  kManageDatabases,  // register, test and remove them
};
inline constexpr auto kLastAction = Action::kManageDatabases;

[[nodiscard]] std::string_view Name(Action action) noexcept;

/// kDenied, in words for the user: what is needed that is not there. Without an admin's scope an
/// admin is what is left: `kOther` of a learner's.
[[nodiscard]] Result<void> Check(const Principal& principal, Action action, Relation relation);

/// Whether any relation would pass: what a route asks before anything is looked up.
[[nodiscard]] Result<void> CheckAtAll(const Principal& principal, Action action);

/// For a field or a filter that only some may see.
[[nodiscard]] Result<void> RequireScope(const Principal& principal, Scope scope);

}  // namespace paddock::identity
