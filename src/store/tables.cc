#include "store/tables.h"

#include <array>

namespace paddock::store {
namespace {

constexpr auto kUsers = std::to_array<Column>({
    {.name = "id", .type = ColumnType::kText},
    {.name = "role", .type = ColumnType::kText},
    {.name = "name", .type = ColumnType::kText},
    {.name = "name_key", .type = ColumnType::kText},
    {.name = "display_name", .type = ColumnType::kText},
    {.name = "email", .type = ColumnType::kText},
    {.name = "password_hash", .type = ColumnType::kText},
    {.name = "language", .type = ColumnType::kText},
    {.name = "theme", .type = ColumnType::kText},
    {.name = "disabled", .type = ColumnType::kInteger},
    {.name = "created_at", .type = ColumnType::kInteger},
    {.name = "seen_at", .type = ColumnType::kInteger},
});

constexpr auto kIdentities = std::to_array<Column>({
    {.name = "issuer", .type = ColumnType::kText},
    {.name = "subject", .type = ColumnType::kText},
    {.name = "user_id", .type = ColumnType::kText},
    {.name = "created_at", .type = ColumnType::kInteger},
});

constexpr auto kSessions = std::to_array<Column>({
    {.name = "id", .type = ColumnType::kText},
    {.name = "secret_hash", .type = ColumnType::kText},
    {.name = "user_id", .type = ColumnType::kText},
    {.name = "acting_admin_id", .type = ColumnType::kText},
    {.name = "created_at", .type = ColumnType::kInteger},
    {.name = "seen_at", .type = ColumnType::kInteger},
    {.name = "expires_at", .type = ColumnType::kInteger},
    {.name = "address", .type = ColumnType::kText},
    {.name = "user_agent", .type = ColumnType::kText},
});

constexpr auto kApiTokens = std::to_array<Column>({
    {.name = "id", .type = ColumnType::kText},
    {.name = "secret_hash", .type = ColumnType::kText},
    {.name = "user_id", .type = ColumnType::kText},
    {.name = "name", .type = ColumnType::kText},
    {.name = "scopes", .type = ColumnType::kText},
    {.name = "created_at", .type = ColumnType::kInteger},
    {.name = "expires_at", .type = ColumnType::kInteger},
    {.name = "used_at", .type = ColumnType::kInteger},
});

constexpr auto kLinks = std::to_array<Column>({
    {.name = "id", .type = ColumnType::kText},
    {.name = "secret_hash", .type = ColumnType::kText},
    {.name = "purpose", .type = ColumnType::kText},
    {.name = "role", .type = ColumnType::kText},
    {.name = "class_id", .type = ColumnType::kText},
    {.name = "user_id", .type = ColumnType::kText},
    {.name = "note", .type = ColumnType::kText},
    {.name = "created_by", .type = ColumnType::kText},
    {.name = "created_at", .type = ColumnType::kInteger},
    {.name = "expires_at", .type = ColumnType::kInteger},
    {.name = "uses_left", .type = ColumnType::kInteger},
});

constexpr auto kClaims = std::to_array<Column>({
    {.name = "guest_id", .type = ColumnType::kText},
    {.name = "user_id", .type = ColumnType::kText},
    {.name = "created_at", .type = ColumnType::kInteger},
});

constexpr auto kClasses = std::to_array<Column>({
    {.name = "id", .type = ColumnType::kText},
    {.name = "name", .type = ColumnType::kText},
    {.name = "teacher_id", .type = ColumnType::kText},
    {.name = "join_code", .type = ColumnType::kText},
    {.name = "joinable", .type = ColumnType::kInteger},
    {.name = "sandboxes_max", .type = ColumnType::kInteger},
    {.name = "memory_max_bytes", .type = ColumnType::kInteger},
    {.name = "lifetime_max_s", .type = ColumnType::kInteger},
    {.name = "created_at", .type = ColumnType::kInteger},
});

constexpr auto kClassMembers = std::to_array<Column>({
    {.name = "class_id", .type = ColumnType::kText},
    {.name = "user_id", .type = ColumnType::kText},
    {.name = "joined_at", .type = ColumnType::kInteger},
});

constexpr auto kRoleQuotas = std::to_array<Column>({
    {.name = "role", .type = ColumnType::kText},
    {.name = "sandboxes_max", .type = ColumnType::kInteger},
    {.name = "memory_max_bytes", .type = ColumnType::kInteger},
    {.name = "lifetime_max_s", .type = ColumnType::kInteger},
});

constexpr auto kAudit = std::to_array<Column>({
    {.name = "id", .type = ColumnType::kText},
    {.name = "at", .type = ColumnType::kInteger},
    {.name = "actor_id", .type = ColumnType::kText},
    {.name = "actor_name", .type = ColumnType::kText},
    {.name = "acting_as_id", .type = ColumnType::kText},
    {.name = "action", .type = ColumnType::kText},
    {.name = "subject_kind", .type = ColumnType::kText},
    {.name = "subject_id", .type = ColumnType::kText},
    {.name = "subject_name", .type = ColumnType::kText},
    {.name = "address", .type = ColumnType::kText},
    {.name = "detail", .type = ColumnType::kText},
});

constexpr auto kQuestionSchemas = std::to_array<Column>({
    {.name = "id", .type = ColumnType::kText},
    {.name = "document", .type = ColumnType::kText},
    {.name = "version", .type = ColumnType::kInteger},
    {.name = "author_id", .type = ColumnType::kText},
    {.name = "shipped_digest", .type = ColumnType::kText},
    {.name = "created_at", .type = ColumnType::kInteger},
    {.name = "updated_at", .type = ColumnType::kInteger},
    {.name = "deleted_at", .type = ColumnType::kInteger},
});

constexpr auto kQuestions = std::to_array<Column>({
    {.name = "number", .type = ColumnType::kInteger},
    {.name = "slug", .type = ColumnType::kText},
    {.name = "schema_id", .type = ColumnType::kText},
    {.name = "document", .type = ColumnType::kText},
    {.name = "difficulty", .type = ColumnType::kText},
    {.name = "category", .type = ColumnType::kText},
    {.name = "visibility", .type = ColumnType::kText},
    {.name = "version", .type = ColumnType::kInteger},
    {.name = "author_id", .type = ColumnType::kText},
    {.name = "shipped_digest", .type = ColumnType::kText},
    {.name = "created_at", .type = ColumnType::kInteger},
    {.name = "updated_at", .type = ColumnType::kInteger},
    {.name = "deleted_at", .type = ColumnType::kInteger},
});

constexpr auto kSubmissions = std::to_array<Column>({
    {.name = "id", .type = ColumnType::kText},
    {.name = "user_id", .type = ColumnType::kText},
    {.name = "question_number", .type = ColumnType::kInteger},
    {.name = "question_version", .type = ColumnType::kInteger},
    {.name = "query", .type = ColumnType::kText},
    {.name = "rule", .type = ColumnType::kText},
    {.name = "passed", .type = ColumnType::kInteger},
    {.name = "created_at", .type = ColumnType::kInteger},
});

constexpr auto kQuestionProgress = std::to_array<Column>({
    {.name = "user_id", .type = ColumnType::kText},
    {.name = "question_number", .type = ColumnType::kInteger},
    {.name = "submission_count", .type = ColumnType::kInteger},
    {.name = "passed_at", .type = ColumnType::kInteger},
    {.name = "gave_up_at", .type = ColumnType::kInteger},
    {.name = "hints_opened", .type = ColumnType::kInteger},
    {.name = "last_query", .type = ColumnType::kText},
});

constexpr auto kFirstSolvers = std::to_array<Column>({
    {.name = "question_number", .type = ColumnType::kInteger},
    {.name = "user_id", .type = ColumnType::kText},
    {.name = "solved_at", .type = ColumnType::kInteger},
});

constexpr auto kPointGrants = std::to_array<Column>({
    {.name = "user_id", .type = ColumnType::kText},
    {.name = "kind", .type = ColumnType::kText},
    {.name = "subject", .type = ColumnType::kText},
    {.name = "points", .type = ColumnType::kInteger},
    {.name = "granted_at", .type = ColumnType::kInteger},
});

constexpr auto kSqlHistory = std::to_array<Column>({
    {.name = "user_id", .type = ColumnType::kText},
    {.name = "digest", .type = ColumnType::kText},
    {.name = "text", .type = ColumnType::kText},
    {.name = "text_bytes", .type = ColumnType::kInteger},
    {.name = "engine", .type = ColumnType::kText},
    {.name = "database_name", .type = ColumnType::kText},
    {.name = "ran_at", .type = ColumnType::kInteger},
    {.name = "elapsed_ms", .type = ColumnType::kInteger},
    {.name = "failed", .type = ColumnType::kInteger},
});

constexpr auto kExternalDatabases = std::to_array<Column>({
    {.name = "name", .type = ColumnType::kText},
    {.name = "engine", .type = ColumnType::kText},
    {.name = "dsn", .type = ColumnType::kText},
    {.name = "created_at", .type = ColumnType::kInteger},
    {.name = "updated_at", .type = ColumnType::kInteger},
    {.name = "password", .type = ColumnType::kText},
});

constexpr auto kTables = std::to_array<Table>({
    {.name = "users", .key_count = 1, .columns = kUsers},
    {.name = "identities", .key_count = 2, .columns = kIdentities},
    {.name = "sessions", .key_count = 1, .columns = kSessions},
    {.name = "api_tokens", .key_count = 1, .columns = kApiTokens},
    {.name = "links", .key_count = 1, .columns = kLinks},
    {.name = "claims", .key_count = 1, .columns = kClaims},
    {.name = "classes", .key_count = 1, .columns = kClasses},
    {.name = "class_members", .key_count = 2, .columns = kClassMembers},
    {.name = "role_quotas", .key_count = 1, .columns = kRoleQuotas},
    {.name = "audit", .key_count = 1, .columns = kAudit},
    {.name = "question_schemas", .key_count = 1, .columns = kQuestionSchemas},
    {.name = "questions", .key_count = 1, .columns = kQuestions},
    {.name = "submissions", .key_count = 1, .columns = kSubmissions},
    {.name = "question_progress", .key_count = 2, .columns = kQuestionProgress},
    {.name = "first_solvers", .key_count = 1, .columns = kFirstSolvers},
    {.name = "point_grants", .key_count = 3, .columns = kPointGrants},
    {.name = "sql_history", .key_count = 2, .columns = kSqlHistory},
    {.name = "external_databases", .key_count = 1, .columns = kExternalDatabases},
});

}  // namespace

std::span<const Table> Tables() { return kTables; }

}  // namespace paddock::store
