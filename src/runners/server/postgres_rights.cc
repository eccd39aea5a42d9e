#include "runners/server/postgres_rights.h"

#include <fmt/format.h>

#include "runners/server/scram.h"

namespace paddock::runners::server {

std::string RoleText(const Account& account, bool reads_only) {
  std::string text = fmt::format(
      "CREATE ROLE {0} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS "
      "CONNECTION LIMIT {1} PASSWORD '{2}'; REVOKE ALL ON DATABASE {0} FROM PUBLIC; "
      "GRANT {3} ON DATABASE {0} TO {0};",
      account.name, reads_only ? 2 * kReadersMax : 1, ScramVerifier(account.password, account.name),
      reads_only ? "CONNECT" : "ALL");
  if (reads_only) {
    text += fmt::format("ALTER ROLE {} SET default_transaction_read_only = on;", account.name);
  }
  return text;
}

std::string OwnersRights(const std::string& role) {
  return fmt::format(
      "ALTER SCHEMA public OWNER TO {}; REVOKE SELECT ON pg_catalog.pg_db_role_setting, "
      "pg_catalog.pg_roles, pg_catalog.pg_user FROM PUBLIC",
      role);
}

std::string ReadersRights(const std::string& role) {
  return fmt::format(
      "DO $$ DECLARE name text; BEGIN FOR name IN SELECT nspname FROM pg_catalog.pg_namespace "
      "WHERE NOT starts_with(nspname, 'pg_') AND nspname <> 'information_schema' LOOP "
      "EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC', name); "
      "EXECUTE format('GRANT USAGE ON SCHEMA %I TO {0}', name); "
      "EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO {0}', name); "
      "EXECUTE format('GRANT SELECT ON ALL SEQUENCES IN SCHEMA %I TO {0}', name); "
      "END LOOP; END $$",
      role);
}

}  // namespace paddock::runners::server
