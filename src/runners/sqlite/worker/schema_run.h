// SchemaRun: one run of a learner's query on a prepared schema, with its checks.
//
// Used by ServeChallenges. It begins in the shared database; when a statement turns out to leave
// something behind, all begins again in a copy. Nothing of a run is there after it.
// Threading: one thread.
#pragma once

#include "runners/sqlite/protocol/messages.h"
#include "runners/sqlite/protocol/outcome_writer.h"
#include "runners/sqlite/worker/prepared_schema.h"
#include "runners/sqlite/worker/run_clock.h"

namespace paddock::runners::sqlite {

inline constexpr std::size_t kRunHeapBytes = std::size_t{64} << 20U;

/// Runs `request` on `schema` and writes the whole outcome's frame to `out`.
void RunRequestOn(PreparedSchema& schema,
                  const Request& request,
                  RunClock& clock,
                  std::string& out);

}  // namespace paddock::runners::sqlite
