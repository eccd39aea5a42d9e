// Challenges on Debian's own MariaDB, which the test starts.
#include <signal.h>

#include <fmt/format.h>

#include "../engines/mariadb_server.h"
#include "challenge_host.h"
#include "engines/mariadb/mariadb_engine.h"
#include "images/testing/temp_directory.h"
#include "runners/server/mariadb_databases.h"

namespace paddock::testing {
namespace {

constexpr const char* kScript = R"(
CREATE TABLE items (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40) NOT NULL,
                    price DECIMAL(8,2), made DATE);
INSERT INTO items (name, price, made) VALUES ('tea', 3.50, '2024-01-31'), ('häß', NULL, NULL);
CREATE SEQUENCE numbers;
CREATE VIEW dear AS SELECT * FROM items WHERE price > 3;
DELIMITER //
CREATE FUNCTION twice(n INT) RETURNS INT BEGIN RETURN n * 2; END//
CREATE FUNCTION dice() RETURNS DOUBLE BEGIN RETURN RAND(); END//
DELIMITER ;
)";

MariadbServer& Server() { return MariadbServer::Shared(); }

std::vector<Trace> Traces() {
  return {{"CREATE TABLE left_behind (n INT)",
           "SELECT COUNT(*) FROM information_schema.tables WHERE table_name = 'left_behind'", "0"},
          {"CREATE TEMPORARY TABLE items (n INT)", "SELECT COUNT(name) FROM items", "2"},
          {"SELECT NEXT VALUE FOR numbers", "SELECT NEXT VALUE FOR numbers", "1"},
          {"SELECT NEXTVAL(numbers)", "SELECT LASTVAL(numbers)", "NULL"},
          {"SET @x = 7", "SELECT @x", "NULL"},
          {"SELECT @x := 7", "SELECT @x", "NULL"},
          {"SET sort_buffer_size = 77777", "SELECT @@sort_buffer_size = 77777", "0"},
          {"SET sql_mode = 'ANSI_QUOTES'", "SELECT \"text\"", "text"},
          {"SELECT GET_LOCK('x', 0)", "SELECT IS_FREE_LOCK('x')", "1"},
          {"PREPARE p FROM 'SELECT 1'", "EXECUTE p",
           "1243 Unknown prepared statement handler (p) given to EXECUTE"},
          {"INSERT INTO items (name) VALUES ('x')", "SELECT LAST_INSERT_ID()", "0"},
          {"LOCK TABLES items WRITE", "SELECT COUNT(*) FROM items", "2"},
          {"BEGIN; DELETE FROM items; COMMIT", "SELECT COUNT(*) FROM items", "2"}};
}

std::vector<std::string> Certain() {
  return {"SELECT * FROM items",
          "SELECT CONCAT(name, 1), DATE_FORMAT(made, '%Y') FROM items",
          "SELECT twice(id) FROM items",
          "SELECT IF(price > 1, 'now', name) FROM dear",
          "INSERT INTO items (name) VALUES ('x')",
          "SELECT UNIX_TIMESTAMP(made) FROM items",
          "SELECT NEXTVAL(numbers)",
          "SELECT YEAR(made), MONTH(made), DAY(made) FROM items"};
}

std::vector<std::string> Chancy() {
  return {"SELECT RAND()",
          "SELECT id FROM items ORDER BY RAND()",
          "SELECT NOW()",
          "SELECT CURDATE()",
          "SELECT CURRENT_DATE",
          "SELECT SYSDATE()",
          "SELECT UNIX_TIMESTAMP()",
          "SELECT UUID()",
          "SELECT CONNECTION_ID()",
          "SELECT USER()",
          "SELECT DATABASE()",
          "SELECT dice()",
          "SELECT @@hostname",
          "SHOW TABLES",
          "EXPLAIN SELECT 1",
          "SELECT UTC_DATE",
          "SELECT /*!50000 RAND() */"};
}

ChallengeTexts MakeTexts() {
  return {
      .script = kScript,
      .version_begin = "MariaDB 1",
      .reading = {.query =
                      "SELECT id, LEFT(name, 2), price, YEAR(made), RIGHT('häß', 2) FROM items",
                  .shown = "1,te,3.50,2024,äß;2,hä,NULL,NULL,äß"},
      .reading_types = {sql::CellType::kInteger, sql::CellType::kText, sql::CellType::kDecimal},
      .defining = {.query =
                       "ALTER TABLE items ADD COLUMN kind TEXT DEFAULT 'k'; DROP VIEW dear; "
                       "CREATE VIEW dear AS SELECT kind FROM items; TRUNCATE items; "
                       "CREATE TRIGGER t BEFORE INSERT ON items FOR EACH ROW SET NEW.kind = 'n'; "
                       "INSERT INTO items (name) VALUES ('x'); SELECT * FROM dear",
                   .shown = "n"},
      .traces = Traces(),
      .changing_readings =
          {{.query = "SELECT twice(4)", .shown = "8"},
           {.query = "SELECT id FROM items ORDER BY id FOR UPDATE", .shown = "1;2"},
           {.query = "SELECT COUNT(*) INTO @n FROM items; SELECT @n", .shown = "2"},
           {.query = "/*!50000 DELETE FROM items */; SELECT COUNT(*) FROM items", .shown = "0"},
           {.query = "COMMIT; DELETE FROM items; SELECT COUNT(*) FROM items", .shown = "0"}},
      .errors = {{.query = "SELECT 'ä';\n  SELECT nothing FROM items",
                  .code = "1054",
                  .position = 22}},
      .endless = {"SELECT SLEEP(60)", "SET max_statement_time = 0; SELECT SLEEP(60)",
                  "SELECT SUM(a.seq * b.seq) FROM seq_1_to_1000000 a, seq_1_to_1000000 b"},
      .many_rows = "SELECT seq FROM seq_1_to_1000000000",
      .many_bytes = "SELECT REPEAT('x', 1000) FROM seq_1_to_99",
      .big_cell = "SELECT REPEAT('x', 5001)",
      .certain = Certain(),
      .chancy = Chancy(),
      .databases_of_schema = 1,
      .bad_script = "CREATE TABLE t (n INT); SELEC 1",
      .bad_script_says = "error in your SQL syntax",
      .insert_rows = [](int count) {
        return fmt::format(
            "INSERT INTO items (name) SELECT 'n' FROM seq_1_to_{}; SELECT COUNT(*) FROM items",
            count);
      }};
}

class MariadbChallengeHost final : public ChallengeHost {
 public:
  [[nodiscard]] sql::Dialect dialect() const override { return sql::Dialect::kMariadb; }

  [[nodiscard]] std::string missing() const override { return Server().missing(); }

  [[nodiscard]] const ChallengeTexts& texts() const override {
    static const ChallengeTexts made = MakeTexts();
    return made;
  }

  [[nodiscard]] std::unique_ptr<runners::server::Databases> MakeDatabases(
      boost::asio::any_io_executor executor) override {
    runners::server::ServerAddress address;
    address.dialect = sql::Dialect::kMariadb;
    address.user = "root";
    address.socket = Server().socket_path();
    return std::make_unique<runners::server::MariadbDatabases>(std::move(executor), engine_,
                                                               runners::server::AccessTo(address));
  }

  void Crash() override { Server().Stop(SIGKILL); }
  void Start() override { Server().Start(); }

  [[nodiscard]] int CountDatabases(const std::string& prefix) override {
    return std::stoi(
        Server().Ask(fmt::format("SELECT COUNT(*) FROM information_schema.schemata WHERE "
                                 "LEFT(schema_name, LENGTH('{0}')) = '{0}'",
                                 prefix)));
  }

  [[nodiscard]] int CountAccounts(const std::string& prefix) override {
    return std::stoi(Server().Ask(fmt::format(
        "SELECT COUNT(*) FROM mysql.user WHERE LEFT(user, LENGTH('{0}')) = '{0}'", prefix)));
  }

  void LeaveBehind() override {
    Server().Ask("CREATE DATABASE paddock_challenge_left");
    Server().Ask("CREATE USER paddock_challenge_left@'localhost'");
  }

  [[nodiscard]] std::vector<Failing> Outside() override {
    const std::string others = Server().Ask(
        "SELECT schema_name FROM information_schema.schemata "
        "WHERE schema_name LIKE 'paddock%\\_1'");
    const std::string thread = Server().Ask(
        "SELECT MIN(id) FROM information_schema.processlist WHERE user = 'root' "
        "AND id <> CONNECTION_ID()");
    return {{.query = "SELECT * FROM items INTO OUTFILE '/tmp/paddock-was-here'", .code = "1227"},
            {.query = "LOAD DATA INFILE '/etc/passwd' INTO TABLE items", .code = "1045"},
            {.query = "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE items", .code = ""},
            {.query = "CREATE DATABASE mine", .code = "1044"},
            {.query = "DROP DATABASE mysql", .code = "1044"},
            {.query = "DROP DATABASE " + others, .code = "1044"},
            {.query = "USE mysql", .code = "1044"},
            {.query = "SELECT * FROM mysql.global_priv", .code = "1142"},
            {.query = "CREATE USER mine", .code = "1227"},
            {.query = "GRANT ALL ON *.* TO CURRENT_USER", .code = "1045"},
            {.query = "SET GLOBAL max_connections = 1", .code = "1227"},
            {.query = "SHUTDOWN", .code = "1227"},
            {.query = "FLUSH TABLES", .code = "1227"},
            {.query = "KILL " + thread, .code = "1095"},
            {.query = "INSTALL SONAME 'x'", .code = "1142"},
            {.query = "CREATE FUNCTION f RETURNS INTEGER SONAME 'x.so'", .code = "1044"}};
  }

  [[nodiscard]] std::vector<Saying> Harmless() override {
    return {{.query = "SELECT LOAD_FILE('/etc/passwd')", .shown = "NULL"},
            {.query = "SELECT COUNT(*) FROM information_schema.processlist", .shown = "1"}};
  }

 private:
  images::TempDirectory directory_;
  engines::mariadb::MariadbEngine engine_{directory_.path()};
};

}  // namespace

std::unique_ptr<ChallengeHost> MakeMariadbChallengeHost() {
  return std::make_unique<MariadbChallengeHost>();
}

}  // namespace paddock::testing
