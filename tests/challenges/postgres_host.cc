// Challenges on Debian's own PostgreSQL, which the test starts.
#include <signal.h>

#include <string_view>

#include <fmt/format.h>

#include "../store/postgres_server.h"
#include "challenge_host.h"
#include "engines/postgres/postgres_engine.h"
#include "images/testing/temp_directory.h"
#include "runners/server/postgres_databases.h"

namespace paddock::testing {
namespace {

constexpr const char* kScript = R"(
CREATE TABLE items (id serial PRIMARY KEY, name text NOT NULL, price numeric(8,2), made date);
INSERT INTO items (name, price, made) VALUES ('tea', 3.50, '2024-01-31'), ('häß', NULL, NULL);
CREATE SEQUENCE numbers;
CREATE VIEW dear AS SELECT * FROM items WHERE price > 3;
CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT n * 2';
CREATE FUNCTION dice() RETURNS float LANGUAGE sql AS 'SELECT random()';
)";

PostgresServer& Server() { return PostgresServer::Shared(); }

std::vector<Trace> Traces() {
  return {
      {"CREATE TABLE left_behind (n int)", "SELECT to_regclass('left_behind')", "NULL"},
      {"CREATE TEMP TABLE mine (n int)", "SELECT to_regclass('mine')", "NULL"},
      {"SELECT nextval('numbers'), nextval('numbers')", "SELECT nextval('numbers')", "1"},
      {"SELECT setval('items_id_seq', 77)", "SELECT last_value FROM items_id_seq", "2"},
      {"SELECT nextval('numbers')", "SELECT currval('numbers')",
       "55000 currval of sequence \"numbers\" is not yet defined in this session"},
      {"SET work_mem = '77MB'", "SHOW work_mem", "4MB"},
      {"SELECT set_config('work_mem', '77MB', false)", "SELECT current_setting('work_mem')", "4MB"},
      {"ALTER ROLE CURRENT_USER SET work_mem = '77MB'", "SHOW work_mem", "4MB"},
      {"ALTER ROLE CURRENT_USER SET work_mem = '77MB'", "SELECT count(*) FROM pg_db_role_setting",
       "42501 permission denied for table pg_db_role_setting"},
      {"SELECT pg_advisory_lock(42)", "SELECT pg_try_advisory_lock(42)", "true"},
      {"LISTEN news", "SELECT count(*) FROM pg_listening_channels()", "0"},
      {"PREPARE p AS SELECT 1", "SELECT count(*) FROM pg_prepared_statements", "0"},
      {"PREPARE p AS SELECT 1", "EXECUTE p", "26000 prepared statement \"p\" does not exist"},
      {"DECLARE c CURSOR WITH HOLD FOR SELECT 1", "SELECT count(*) FROM pg_cursors", "0"},
      {"SELECT lo_create(4711)", "SELECT count(*) FROM pg_largeobject_metadata", "0"},
      {"CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "SELECT f()",
       "42883 function f() does not exist"},
      {"BEGIN; DELETE FROM items; COMMIT", "SELECT count(*) FROM items", "2"},
      {"COMMENT ON TABLE items IS 'seen'", "SELECT obj_description('items'::regclass)", "NULL"}};
}

std::vector<std::string> Certain() {
  return {"SELECT * FROM items",
          "SELECT to_char(made, 'YYYY') || concat(name, 1) FROM items",
          "SELECT age(date '2024-02-01', made) FROM items",
          "SELECT twice(id) FROM items",
          "SELECT 'snow' || name FROM dear",
          "INSERT INTO items (name) VALUES ('x')",
          "SELECT nextval('numbers')",
          "UPDATE items SET price = 1 RETURNING *"};
}

std::vector<std::string> Chancy() {
  return {"SELECT random()",
          "SELECT id FROM items ORDER BY random()",
          "SELECT now()",
          "SELECT current_date",
          "SELECT 'now'::timestamp",
          "SELECT date 'today'",
          "SELECT age(made) FROM items",
          "SELECT clock_timestamp()",
          "SELECT gen_random_uuid()",
          "SELECT current_user",
          "SELECT pg_backend_pid()",
          "SELECT xmin FROM items",
          "SELECT dice()",
          "SELECT * FROM items TABLESAMPLE bernoulli (50)",
          "EXPLAIN SELECT 1",
          "SHOW work_mem",
          "SELECT \"random\"()",
          "SELECT current_database()",
          "DO $$ BEGIN PERFORM random(); END $$",
          "CREATE FUNCTION g() RETURNS float LANGUAGE sql AS 'SELECT random()'; SELECT g()"};
}

ChallengeTexts MakeTexts() {
  return {
      .script = kScript,
      .version_begin = "PostgreSQL 1",
      .reading = {.query = "SELECT id, name, price, made, price IS NULL AS n FROM items",
                  .shown = "1,tea,3.50,2024-01-31,false;2,häß,NULL,NULL,true"},
      .reading_types = {sql::CellType::kInteger, sql::CellType::kText, sql::CellType::kDecimal,
                        sql::CellType::kTime, sql::CellType::kBoolean},
      .defining = {.query = "ALTER TABLE items ADD COLUMN kind text DEFAULT 'k'; DROP VIEW dear; "
                            "CREATE VIEW dear AS SELECT kind FROM items; CREATE SCHEMA own; "
                            "CREATE TABLE own.t (n int); TRUNCATE items; SELECT count(*) FROM dear",
                   .shown = "0"},
      .traces = Traces(),
      .changing_readings =
          {{.query = "SELECT twice(4)", .shown = "8"},
           {.query = "WITH gone AS (DELETE FROM items RETURNING id) SELECT count(*) FROM gone",
            .shown = "2"},
           {.query = "SELECT * INTO copied FROM items", .shown = "nothing"},
           {.query = "SELECT id FROM items ORDER BY id FOR UPDATE", .shown = "1;2"}},
      .errors = {{.query = "SELECT 'häß', nothing FROM items", .code = "42703", .position = 16},
                 {.query = "SELECT 'ä';\n  SELEC 2", .code = "42601", .position = 15}},
      .endless = {"SELECT pg_sleep(60)", "SET statement_timeout = 0; SELECT pg_sleep(60)",
                  "SELECT count(*) FROM generate_series(1, 1000000000000)",
                  "DO $$ BEGIN LOOP PERFORM 1; END LOOP; END $$",
                  "CREATE TABLE t (n int); SELECT pg_sleep(60)"},
      .many_rows = "SELECT generate_series(1, 1000000000)",
      .many_bytes = "SELECT repeat('x', 1000) FROM generate_series(1, 99)",
      .big_cell = "SELECT repeat('x', 5001)",
      .certain = Certain(),
      .chancy = Chancy(),
      .databases_of_schema = 2,
      .bad_script = "CREATE TABLE t (n int); SELEC 1",
      .bad_script_says = "syntax error",
      .insert_rows = [](int count) {
        return fmt::format(
            "INSERT INTO items (name) SELECT 'n' FROM generate_series(1, {}); "
            "SELECT count(*) FROM items",
            count);
      }};
}

class PostgresChallengeHost final : public ChallengeHost {
 public:
  [[nodiscard]] sql::Dialect dialect() const override { return sql::Dialect::kPostgres; }

  [[nodiscard]] std::string missing() const override { return Server().missing(); }

  [[nodiscard]] const ChallengeTexts& texts() const override {
    static const ChallengeTexts made = MakeTexts();
    return made;
  }

  [[nodiscard]] std::unique_ptr<runners::server::Databases> MakeDatabases(
      boost::asio::any_io_executor executor) override {
    runners::server::ServerAddress address;
    address.user = "paddock";
    address.socket = Server().socket_path();
    return std::make_unique<runners::server::PostgresDatabases>(std::move(executor), engine_,
                                                                runners::server::AccessTo(address));
  }

  void Crash() override { Server().Stop(SIGQUIT); }
  void Start() override { Server().Start(); }

  [[nodiscard]] int CountDatabases(const std::string& prefix) override {
    return std::stoi(Server().Ask(
        "postgres",
        fmt::format("SELECT count(*) FROM pg_database WHERE starts_with(datname, '{}')", prefix)));
  }

  [[nodiscard]] int CountAccounts(const std::string& prefix) override {
    return std::stoi(Server().Ask(
        "postgres",
        fmt::format("SELECT count(*) FROM pg_roles WHERE starts_with(rolname, '{}')", prefix)));
  }

  void LeaveBehind() override {
    Server().Ask("postgres", "CREATE ROLE paddock_challenge_left LOGIN");
    Server().Ask("postgres", "CREATE DATABASE paddock_challenge_left");
  }

  [[nodiscard]] std::vector<Failing> Outside() override {
    constexpr const char* kDenied = "42501";
    const std::string others =
        Server().Ask("postgres", "SELECT datname FROM pg_database WHERE datname ~ '_1$'");
    return {
        {.query = "COPY items TO PROGRAM 'id > /tmp/paddock-was-here'", .code = kDenied},
        {.query = "COPY items FROM PROGRAM 'id'", .code = kDenied},
        {.query = "COPY items TO '/tmp/paddock-was-here'", .code = kDenied},
        {.query = "SELECT pg_read_file('/etc/passwd')", .code = kDenied},
        {.query = "SELECT pg_ls_dir('.')", .code = kDenied},
        {.query = "SELECT lo_import('/etc/passwd')", .code = kDenied},
        {.query = "SELECT rolpassword FROM pg_authid", .code = kDenied},
        {.query = "SET ROLE paddock", .code = kDenied},
        {.query = "SET ROLE " + others, .code = kDenied},
        {.query = "SET SESSION AUTHORIZATION paddock", .code = kDenied},
        {.query = "CREATE DATABASE mine", .code = kDenied},
        {.query = "CREATE ROLE mine", .code = kDenied},
        {.query = "ALTER ROLE CURRENT_USER SUPERUSER", .code = kDenied},
        {.query = "DROP DATABASE postgres", .code = kDenied},
        {.query = "DROP DATABASE " + others, .code = kDenied},
        {.query = "ALTER SYSTEM SET fsync = off", .code = kDenied},
        {.query = "CREATE EXTENSION dblink", .code = kDenied},
        {.query = "CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'libc', 'exit'", .code = kDenied},
        {.query = "SET temp_file_limit = -1", .code = kDenied},
        {.query = "LOAD '/tmp/x.so'", .code = kDenied},
        {.query = "DO $$ BEGIN EXECUTE 'SET ROLE paddock'; END $$", .code = kDenied},
        {.query =
             "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'paddock'",
         .code = kDenied},
        {.query = "BEGIN; CREATE TABLE t (n int); PREPARE TRANSACTION 'x'", .code = "55000"}};
  }

  [[nodiscard]] std::vector<Saying> Harmless() override { return {}; }

 private:
  images::TempDirectory directory_;
  engines::postgres::PostgresEngine engine_{sql::Dialect::kPostgres, directory_.path()};
};

}  // namespace

std::unique_ptr<ChallengeHost> MakePostgresChallengeHost() {
  return std::make_unique<PostgresChallengeHost>();
}

}  // namespace paddock::testing
