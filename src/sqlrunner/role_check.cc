#include "sqlrunner/role_check.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace paddock::sqlrunner {
namespace {

constexpr std::size_t kRowsMax = 1'000;
constexpr std::size_t kNamedMax = 4;  // of what is wrong, in a message

/// Keeps the first column of a short result.
class FirstColumn final : public sql::ResultSink {
 public:
  aio::Task<Result<void>> Columns(std::vector<sql::Column> /*columns*/) override {
    co_return Result<void>();
  }
  aio::Task<Result<void>> Append(sql::Rows rows) override {
    for (std::size_t row = 0; row < rows.row_count() && texts_.size() < kRowsMax; ++row) {
      texts_.emplace_back(rows.At(row, 0).text);
    }
    co_return Result<void>();
  }
  aio::Task<Result<void>> Complete(sql::CommandResult /*result*/) override {
    co_return Result<void>();
  }
  void Note(sql::Notice /*notice*/) override {}

  std::vector<std::string> Take() { return std::move(texts_); }

 private:
  std::vector<std::string> texts_;
};

aio::Task<Result<std::vector<std::string>>> Ask(sql::Session& session,  // outlives the task
                                                std::string statement,
                                                Deadline deadline) {
  FirstColumn sink;
  auto outcome = co_await session.Execute(std::move(statement), sink, deadline);
  if (!outcome) {
    co_return Fail(std::move(outcome).error());
  }
  if (outcome->has_value()) {
    co_return Fail(Code::kDenied, fmt::format("what the role may do could not be found out: {}",
                                              outcome->value().message));
  }
  co_return sink.Take();
}

struct Question {
  std::string_view sql;     // one text per row: what is wrong
  std::string_view remedy;  // with one place for those texts
};

// Every role counts that the user can become, also by SET ROLE.
constexpr std::string_view kRoles =
    "WITH roles AS (SELECT * FROM pg_catalog.pg_roles "
    "WHERE pg_catalog.pg_has_role(session_user, oid, 'MEMBER')) SELECT DISTINCT ";

constexpr auto kPostgres = std::to_array<Question>({
    {"pg_catalog.quote_ident(rolname) FROM roles WHERE rolsuper OR rolcreaterole "
     "OR rolcreatedb OR rolreplication OR rolbypassrls OR rolname IN ('pg_write_all_data', "
     "'pg_write_server_files', 'pg_read_server_files', 'pg_execute_server_program', "
     "'pg_signal_backend', 'pg_checkpoint', 'pg_maintain', 'pg_create_subscription')",
     "it has, or can take on, the rights of {}: take another user, one made with CREATE ROLE "
     "name LOGIN PASSWORD '…'"},
    {"pg_catalog.format('%I.%I', n.nspname, c.relname) FROM roles r, "
     "pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
     "WHERE n.nspname !~ '^pg_(toast|temp|toast_temp)' "
     "AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND (c.relowner = r.oid "
     "OR (c.relkind IN ('r', 'p', 'v', 'm', 'f') AND "
     "(pg_catalog.has_table_privilege(r.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER') "
     "OR pg_catalog.has_any_column_privilege(r.oid, c.oid, 'INSERT, UPDATE'))))",
     "it may change {}: REVOKE INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER on it from the user and "
     "from PUBLIC, and let another role own it"},
    {"pg_catalog.format('%I.%I', n.nspname, c.relname) FROM roles r, "
     "pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
     "WHERE c.relkind = 'S' AND pg_catalog.has_sequence_privilege(r.oid, c.oid, 'USAGE, UPDATE')",
     "it may advance the sequence {}: REVOKE USAGE, UPDATE on it from the user and from PUBLIC"},
    {"pg_catalog.quote_ident(n.nspname) FROM roles r, pg_catalog.pg_namespace n "
     "WHERE n.nspname !~ '^pg_(toast|temp|toast_temp)' AND (n.nspowner = r.oid "
     "OR pg_catalog.has_schema_privilege(r.oid, n.oid, 'CREATE'))",
     "it may make tables in the schema {}: REVOKE CREATE ON SCHEMA it from the user and from "
     "PUBLIC, and let another role own it"},
    {"pg_catalog.quote_ident(d.datname) FROM roles r, pg_catalog.pg_database d "
     "WHERE d.datname = pg_catalog.current_database() AND (d.datdba = r.oid "
     "OR pg_catalog.has_database_privilege(r.oid, d.oid, 'CREATE'))",
     "it may make schemas in the database {}: REVOKE CREATE ON DATABASE it from the user and from "
     "PUBLIC, and let another role own it"},
    {"p.oid::pg_catalog.regprocedure::pg_catalog.text FROM roles r, "
     "pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace "
     "WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND (p.proowner = r.oid "
     "OR (p.prosecdef AND pg_catalog.has_function_privilege(r.oid, p.oid, 'EXECUTE')))",
     "it may run {} with the rights of another role: REVOKE EXECUTE on it from the user and from "
     "PUBLIC"},
    // Read-only transactions stop none of the following for good: a session leaves them when it
    // likes, and before PostgreSQL 16 they do not stop large objects at all.
    {"pg_catalog.quote_ident(d.datname) FROM roles r, pg_catalog.pg_database d "
     "WHERE d.datname = pg_catalog.current_database() "
     "AND pg_catalog.has_database_privilege(r.oid, d.oid, 'TEMPORARY')",
     "it may make temporary tables in the database {}: REVOKE TEMPORARY ON DATABASE it from the "
     "user and from PUBLIC"},
    {"p.oid::pg_catalog.regprocedure::pg_catalog.text FROM roles r, pg_catalog.pg_proc p "
     "WHERE p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace "
     "AND p.proname IN ('lo_creat', 'lo_create', 'lo_from_bytea', 'lo_import') "
     "AND pg_catalog.has_function_privilege(r.oid, p.oid, 'EXECUTE')",
     "it may make large objects by {}: REVOKE EXECUTE ON FUNCTION each of them from the user and "
     "from PUBLIC"},
    {"m.oid::pg_catalog.text FROM roles r, pg_catalog.pg_largeobject_metadata m "
     "WHERE m.lomowner = r.oid OR pg_catalog.current_setting('lo_compat_privileges') = 'on' "
     "OR EXISTS (SELECT FROM pg_catalog.aclexplode(m.lomacl) a "
     "WHERE a.privilege_type = 'UPDATE' AND a.grantee IN (0, r.oid))",
     "it may change the large object {}: REVOKE UPDATE ON LARGE OBJECT it from the user and from "
     "PUBLIC, let another role own it, and leave lo_compat_privileges off"},
});

std::unexpected<Error> MayWrite(std::vector<std::string> found, std::string_view remedy) {
  if (found.size() > kNamedMax) {
    found.resize(kNamedMax);
    found.emplace_back("…");
  }
  const std::string names = fmt::format("{}", fmt::join(found, ", "));
  return Fail(Code::kDenied, fmt::format("The user of the database can do more than read: {}",
                                         fmt::format(fmt::runtime(remedy), names)));
}

aio::Task<Result<void>> CheckPostgres(sql::Session& session,  // outlives the task
                                      Deadline deadline) {
  for (const Question& question : kPostgres) {
    auto statement = fmt::format("{}{}", kRoles, question.sql);
    auto found = co_await Ask(session, std::move(statement), deadline);
    if (!found) {
      co_return Fail(std::move(found).error());
    }
    if (!found->empty()) {
      co_return MayWrite(*std::move(found), question.remedy);
    }
  }
  co_return Result<void>();
}

aio::Task<Result<void>> CheckMariadb(sql::Session& session,  // outlives the task
                                     Deadline deadline) {
  auto grants = co_await Ask(session, "SHOW GRANTS", deadline);
  if (!grants) {
    co_return Fail(std::move(grants).error());
  }
  if (grants->empty()) {
    co_return Fail(Code::kDenied, "what the user may do could not be found out");
  }
  std::vector<std::string> beyond;
  for (const std::string& grant : *grants) {
    if (auto what = BeyondReading(grant); !what.empty()) {
      beyond.push_back(std::move(what));
    }
  }
  if (!beyond.empty()) {
    co_return MayWrite(std::move(beyond), "it has {}: REVOKE that, and leave SELECT and SHOW VIEW");
  }
  co_return Result<void>();
}

/// The next privilege, up to a comma or " ON " outside of quotes and brackets; `text` begins behind
/// it then. A list of columns is left out.
std::string_view TakePrivilege(std::string_view& text) {
  constexpr std::string_view kOn = " ON ";
  std::size_t depth = 0;
  bool is_quoted = false;
  std::size_t name_end = std::string_view::npos;
  std::size_t end = 0;
  for (; end < text.size(); ++end) {
    const char c = text[end];
    is_quoted = c == '`' ? !is_quoted : is_quoted;
    if (is_quoted) {
      continue;
    }
    if (c == '(') {
      name_end = std::min(name_end, end);
      ++depth;
    } else if (c == ')' && depth > 0) {
      --depth;
    } else if (depth == 0 && (c == ',' || text.substr(end).starts_with(kOn))) {
      break;
    }
  }
  std::string_view name = text.substr(0, std::min(name_end, end));
  text.remove_prefix(end);
  while (name.starts_with(' ')) {
    name.remove_prefix(1);
  }
  while (name.ends_with(' ')) {
    name.remove_suffix(1);
  }
  return name;
}

bool OnlyReads(std::string_view privilege) {
  return privilege == "USAGE" || privilege == "SELECT" || privilege == "SHOW VIEW";
}

}  // namespace

std::string BeyondReading(std::string_view grant) {
  constexpr std::string_view kGrant = "GRANT ";
  if (!grant.starts_with(kGrant)) {
    return grant.starts_with("SET DEFAULT ROLE NONE") ? "" : "a role of its own";
  }
  if (grant.find(" GRANT OPTION") != std::string_view::npos ||
      grant.find(" ADMIN OPTION") != std::string_view::npos) {
    return "GRANT OPTION";
  }
  grant.remove_prefix(kGrant.size());
  for (;;) {
    const std::string_view privilege = TakePrivilege(grant);
    if (grant.empty()) {
      return "a role of its own";  // GRANT `role` TO …
    }
    if (!OnlyReads(privilege)) {
      return std::string(privilege);
    }
    if (!grant.starts_with(',')) {
      return {};
    }
    grant.remove_prefix(1);
  }
}

aio::Task<Result<void>> CheckRole(sql::Session& session,  // outlives the task
                                  sql::Dialect dialect,
                                  Deadline deadline) {
  if (dialect != sql::Dialect::kPostgres && dialect != sql::Dialect::kMariadb) {
    co_return Fail(Code::kInvalid,
                   fmt::format("a registered database is of PostgreSQL or MariaDB: what a user of "
                               "{} may do cannot be found out",
                               sql::Name(dialect)));
  }
  Result<void> checked;
  if (dialect == sql::Dialect::kPostgres) {
    checked = co_await CheckPostgres(session, deadline);
  } else {
    checked = co_await CheckMariadb(session, deadline);
  }
  co_return checked;
}

}  // namespace paddock::sqlrunner
