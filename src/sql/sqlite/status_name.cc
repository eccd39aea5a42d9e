#include "sql/sqlite/status_name.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>

namespace paddock::sql {
namespace {

struct Status {
  int code;
  std::string_view name;
};

constexpr int kPrimaryCodeMask = 0xFF;
constexpr std::array kStatuses{
    Status{SQLITE_ERROR, "SQLITE_ERROR"},
    Status{SQLITE_PERM, "SQLITE_PERM"},
    Status{SQLITE_ABORT, "SQLITE_ABORT"},
    Status{SQLITE_BUSY, "SQLITE_BUSY"},
    Status{SQLITE_LOCKED, "SQLITE_LOCKED"},
    Status{SQLITE_NOMEM, "SQLITE_NOMEM"},
    Status{SQLITE_READONLY, "SQLITE_READONLY"},
    Status{SQLITE_INTERRUPT, "SQLITE_INTERRUPT"},
    Status{SQLITE_IOERR, "SQLITE_IOERR"},
    Status{SQLITE_CORRUPT, "SQLITE_CORRUPT"},
    Status{SQLITE_FULL, "SQLITE_FULL"},
    Status{SQLITE_CANTOPEN, "SQLITE_CANTOPEN"},
    Status{SQLITE_SCHEMA, "SQLITE_SCHEMA"},
    Status{SQLITE_TOOBIG, "SQLITE_TOOBIG"},
    Status{SQLITE_CONSTRAINT, "SQLITE_CONSTRAINT"},
    Status{SQLITE_MISMATCH, "SQLITE_MISMATCH"},
    Status{SQLITE_MISUSE, "SQLITE_MISUSE"},
    Status{SQLITE_AUTH, "SQLITE_AUTH"},
    Status{SQLITE_RANGE, "SQLITE_RANGE"},
    Status{SQLITE_NOTADB, "SQLITE_NOTADB"},
    Status{SQLITE_CONSTRAINT_CHECK, "SQLITE_CONSTRAINT_CHECK"},
    Status{SQLITE_CONSTRAINT_DATATYPE, "SQLITE_CONSTRAINT_DATATYPE"},
    Status{SQLITE_CONSTRAINT_FOREIGNKEY, "SQLITE_CONSTRAINT_FOREIGNKEY"},
    Status{SQLITE_CONSTRAINT_NOTNULL, "SQLITE_CONSTRAINT_NOTNULL"},
    Status{SQLITE_CONSTRAINT_PRIMARYKEY, "SQLITE_CONSTRAINT_PRIMARYKEY"},
    Status{SQLITE_CONSTRAINT_ROWID, "SQLITE_CONSTRAINT_ROWID"},
    Status{SQLITE_CONSTRAINT_TRIGGER, "SQLITE_CONSTRAINT_TRIGGER"},
    Status{SQLITE_CONSTRAINT_UNIQUE, "SQLITE_CONSTRAINT_UNIQUE"},
};

}  // namespace

std::string_view StatusName(int extended_status) noexcept {
  for (const int code : {extended_status, extended_status & kPrimaryCodeMask}) {
    const auto* const found = std::ranges::find(kStatuses, code, &Status::code);
    if (found != kStatuses.end()) {
      return found->name;
    }
  }
  return kStatuses.front().name;
}

}  // namespace paddock::sql
