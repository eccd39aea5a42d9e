// paddock-sqlite: opens one database of SQLite inside a sandbox and speaks
// docs/protocol/sql-helper.md on its standard input and output. The agent starts it.

#include <unistd.h>

#include <csignal>

#include "sqlite_helper/server.h"

int main() {
  // An engine that went away is found by writing to it.
  (void)std::signal(SIGPIPE, SIG_IGN);
  paddock::sqlite_helper::Server(STDIN_FILENO, STDOUT_FILENO).Run();
  return 0;
}
