// ChallengeHost: a real database server for challenges, for the suite that every one passes.
//
// Whatever the dialects say in different words comes from here; server_contract_test.cc says the
// rest in the SQL that they share. The schema of all has the table items, with the rows 1 and 2, of
// which the first costs more than 3; the view dear, of those; the function twice(n); the sequence
// numbers, which is for traces. Threading: the test's thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "runners/server/databases.h"
#include "sql/dialect.h"
#include "sql/rows.h"

namespace paddock::testing {

/// A text, and what it shows: see ServerRunnerTest::Shown.
struct Saying {
  std::string query;
  std::string shown;
};

/// `leave` leaves something, which `look` must not find.
struct Trace {
  std::string leave;
  std::string look;
  std::string shown;
};

struct Failing {
  std::string query;
  std::string code;                          // empty: any
  std::optional<std::size_t> position = {};  // NOLINT: may be left out
};

struct ChallengeTexts {
  std::string script;
  std::string version_begin;
  Saying reading;
  std::vector<sql::CellType> reading_types;  // of its first row
  /// Redefines what the schema has, and uses it; the view dear has one row all the same, later.
  Saying defining;
  std::vector<Trace> traces;
  std::vector<Saying> changing_readings;  // and what leaves as little
  std::vector<Failing> errors;            // with their positions
  std::vector<std::string> endless;
  std::string many_rows;             // of one short column
  std::string many_bytes;            // less than a hundred rows of a thousand bytes
  std::string big_cell;              // of 5001 bytes
  std::vector<std::string> certain;  // say the same again
  std::vector<std::string> chancy;   // and these do not
  int databases_of_schema = 0;       // while nobody runs there; and as many accounts
  std::string bad_script;
  std::string bad_script_says;
  std::function<std::string(int count)> insert_rows;  // and then count items
};

class ChallengeHost {
 public:
  ChallengeHost() = default;
  ChallengeHost(const ChallengeHost&) = delete;
  ChallengeHost& operator=(const ChallengeHost&) = delete;
  virtual ~ChallengeHost() = default;

  /// Why there is none; empty when there is.
  [[nodiscard]] virtual std::string missing() const = 0;
  [[nodiscard]] virtual sql::Dialect dialect() const = 0;
  [[nodiscard]] virtual const ChallengeTexts& texts() const = 0;
  /// The host outlives them.
  [[nodiscard]] virtual std::unique_ptr<runners::server::Databases> MakeDatabases(
      boost::asio::any_io_executor executor) = 0;

  /// As if the machine had crashed.
  virtual void Crash() = 0;
  virtual void Start() = 0;
  /// Databases whose names begin like that.
  [[nodiscard]] virtual int CountDatabases(const std::string& prefix) = 0;
  [[nodiscard]] virtual int CountAccounts(const std::string& prefix) = 0;
  /// Makes a database and an account called paddock_challenge_left.
  virtual void LeaveBehind() = 0;
  /// What reaches out of a run's own database. Asked for while there are databases of others.
  [[nodiscard]] virtual std::vector<Failing> Outside() = 0;
  /// What looks like reaching out, and finds nothing.
  [[nodiscard]] virtual std::vector<Saying> Harmless() = 0;
};

[[nodiscard]] std::unique_ptr<ChallengeHost> MakeMariadbChallengeHost();   // mariadb_host.cc
[[nodiscard]] std::unique_ptr<ChallengeHost> MakePostgresChallengeHost();  // postgres_host.cc

struct ServerUnderTest {
  std::string name;
  std::function<std::unique_ptr<ChallengeHost>()> make;
};
inline void PrintTo(const ServerUnderTest& tested, std::ostream* out) { *out << tested.name; }

}  // namespace paddock::testing
