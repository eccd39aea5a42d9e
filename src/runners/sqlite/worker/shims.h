// Shims: functions that MySQL has and SQLite lacks, with MySQL's meaning.
//
// Used by Connection. Characters, not bytes; NULL for NULL; NULL for what is no date. Those that
// the question does not offer do not exist, and SQLite says so in its own words.
// Threading: one thread.
#pragma once

#include <sqlite3.h>

#include "challenges/runner.h"

namespace paddock::runners::sqlite {

/// Makes exactly the functions of `wanted` known to `connection`, which has those of `present`.
void SetShims(sqlite3* connection, challenges::ShimSet present, challenges::ShimSet wanted);

/// Those that this engine's grammar can call: LEFT and RIGHT are join words to older ones.
[[nodiscard]] challenges::ShimSet CallableShims(sqlite3* connection);

}  // namespace paddock::runners::sqlite
