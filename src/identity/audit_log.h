// AuditLog: what is remembered of who did what to whom, and the words for it.
//
// Whoever changes something adds Entry(...) to the transaction of the change, so that neither is
// there without the other; what changes nothing in the store (a sandbox, a refused sign-in) is
// Recorded by itself. Admins read it (gateway/routes/audit_routes.h).
//
// What an admin does while acting as somebody is recorded as the admin's, with the user as whom
// they acted. Never record what somebody typed as a name that is unknown here: it may be a
// password in the wrong field.
//
// Threading: loop thread only. Ownership: the database outlives the log and its pending calls.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "identity/principal.h"
#include "store/audit.h"
#include "store/database.h"

namespace paddock::identity {

/// Everything that is audited. Their names are stored: an entry may be added, none renamed.
enum class AuditAction : std::uint8_t {
  kSessionOpened,       // session.opened: signed in; detail "how"
  kSessionRefused,      // session.refused: a sign-in with a wrong password; the subject is known
  kSessionClosed,       // session.closed: signed out
  kSessionRevoked,      // session.revoked: ended from elsewhere, by oneself or by an admin
  kUserSignedUp,        // user.signed_up: a new account, by a link, a join code or a provider
  kUserChanged,         // user.changed: the profile
  kUserRoleChanged,     // user.role_changed
  kUserDisabled,        // user.disabled
  kUserEnabled,         // user.enabled
  kUserDeleted,         // user.deleted
  kPasswordChanged,     // password.changed: by its owner
  kPasswordReset,       // password.reset: a reset link was used
  kLinkMade,            // link.made
  kLinkUsed,            // link.used
  kLinkRevoked,         // link.revoked
  kTokenMade,           // token.made
  kTokenRevoked,        // token.revoked
  kClassMade,           // class.made
  kClassChanged,        // class.changed
  kClassDeleted,        // class.deleted
  kClassCodeRenewed,    // class.code_renewed
  kClassJoined,         // class.joined
  kClassLeft,           // class.left
  kClassMemberRemoved,  // class.member_removed
  kQuotaChanged,        // quota.changed
  kActingBegun,         // acting.begun
  kActingEnded,         // acting.ended
  kSandboxCreated,      // sandbox.created: by an acting admin
  kSandboxDeleted,      // sandbox.deleted: by an acting admin
  kQuestionMade,        // question.made
  kQuestionChanged,     // question.changed
  kQuestionDeleted,     // question.deleted
  kSchemaMade,          // schema.made
  kSchemaChanged,       // schema.changed
  kSchemaDeleted,       // schema.deleted
  kProgressReset,       // progress.reset: a teacher lets a learner begin again
  kDatabaseRegistered,  // database.registered: one outside; detail "dsn", without its password
  kDatabaseChanged,     // database.changed
  kDatabaseRemoved,     // database.removed
};
inline constexpr auto kLastAuditAction = AuditAction::kDatabaseRemoved;

/// "user.role_changed".
[[nodiscard]] std::string_view Name(AuditAction action) noexcept;
[[nodiscard]] std::optional<AuditAction> ParseAuditAction(std::string_view name) noexcept;

enum class SubjectKind : std::uint8_t {
  kUser,
  kSession,
  kToken,
  kLink,
  kClass,
  kRole,
  kSandbox,
  kQuestion,
  kSchema,
  kDatabase
};
[[nodiscard]] std::string_view Name(SubjectKind kind) noexcept;

/// To whom or to what something is done.
struct AuditSubject {
  SubjectKind kind = SubjectKind::kUser;
  std::string id;
  std::string name;  // as it is shown now: what it refers to may be gone later
};

/// Who does it, and from where.
struct AuditContext {
  std::optional<Principal> principal = std::nullopt;  // absent: nobody who is known
  std::string address;                                // Request::remote_address
};

using AuditDetail = std::map<std::string, std::string>;

class AuditLog {
 public:
  AuditLog(store::Database& database, std::string name_space)
      : database_(database), name_space_(std::move(name_space)) {}

  /// What adds the entry, for the transaction of the change.
  [[nodiscard]] store::Statement Entry(const AuditContext& context,
                                       AuditAction action,
                                       AuditSubject subject,
                                       AuditDetail detail = {}) const;

  /// Writes an entry by itself. A failure is logged and not told: what it speaks of has happened.
  [[nodiscard]] aio::Task<void> Record(AuditContext context,
                                       AuditAction action,
                                       AuditSubject subject,
                                       AuditDetail detail = {});

  /// Newest first. Fails like store::Database::Read.
  [[nodiscard]] aio::Task<Result<std::vector<store::AuditRow>>> List(store::AuditQuery query,
                                                                     Deadline deadline);

  /// Deletes what is older than `age_max`, in small batches, until it is cancelled.
  [[nodiscard]] aio::Task<void> RunPruning(std::chrono::hours age_max);

  /// The same once: up to kPruneBatchesMax batches; says how many entries went. Fails like
  /// store::Database::Write.
  [[nodiscard]] aio::Task<Result<std::int64_t>> Prune(store::SystemTime before, Deadline deadline);

  static constexpr std::int64_t kPruneBatchRows = 500;
  static constexpr int kPruneBatchesMax = 200;  // of one round

 private:
  store::Database& database_;
  std::string name_space_;
};

}  // namespace paddock::identity
