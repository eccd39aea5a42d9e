// ServerRecipe: how a sandbox of an image becomes a database server for challenges.
//
// Used by HostedServer. The images are those that learners use, whose server runs when the sandbox
// does; what challenges need besides is set up in it, without starting it again.
// Threading: plain values.
#pragma once

#include <string>

#include "sandbox/driver.h"
#include "sql/dialect.h"

namespace paddock::runners::hosted {

struct ServerRecipe {
  sql::Dialect dialect = sql::Dialect::kPostgres;
  std::string image;
  std::string target;    // of AgentClient::Forward
  std::string user;      // who may do everything, once it is set up
  std::string password;  // that user's; in no message
  std::string setup;     // a shell's, run inside as root
  std::string input;     // what it reads; has the password
  sandbox::Limits limits;
};

/// With a password that nobody can guess.
[[nodiscard]] ServerRecipe PostgresRecipe();
[[nodiscard]] ServerRecipe MariadbRecipe();

}  // namespace paddock::runners::hosted
