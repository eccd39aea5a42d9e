// The runner's requests and outcomes, to and from protobuf. What arrives is checked: a reply whose
// parts do not fit is kInternal, a request kInvalid. Threading: pure.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "challenges/runner.h"
#include "runner.pb.h"

namespace paddock::rpc {

enum class Naming : std::uint8_t { kByScript, kByDigest };  // of the schema

void Fill(const challenges::RunRequest& request, Naming naming, runner::v1::RunRequest& out);
/// Without a schema when the message only names it by its digest.
[[nodiscard]] Result<challenges::RunRequest> RequestOf(const runner::v1::RunRequest& message);

void Fill(const challenges::RunOutcome& outcome, runner::v1::RunReply& out);
[[nodiscard]] Result<challenges::RunOutcomeRef> OutcomeOf(const runner::v1::RunReply& message);

}  // namespace paddock::rpc
