// Feeds arbitrary bytes to the decoders of both directions. Of what is accepted as an outcome, the
// limits must hold.

#include <cstdint>

#include "base/check.h"
#include "runners/sqlite/protocol/messages.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace sqlite = paddock::runners::sqlite;
  using paddock::challenges::RunLimits;
  using paddock::challenges::RunOutcome;
  const std::string bytes(data, data + size);
  static_cast<void>(sqlite::DecodeRequest(bytes));
  const RunLimits limits{.rows = 20, .bytes = 2'000, .cell_bytes = 100, .results = 3};
  const auto answer = sqlite::DecodeAnswer(bytes, limits);
  const auto* const outcome = answer ? std::get_if<RunOutcome>(&*answer) : nullptr;
  if (outcome != nullptr) {
    std::size_t rows = 0;
    for (const auto* const sets : {&outcome->results, &outcome->checks}) {
      for (const auto& set : *sets) {
        rows += set.rows.row_count();
        PADDOCK_CHECK(set.rows.column_count() == set.columns.size());
      }
    }
    PADDOCK_CHECK(rows <= 2 * limits.rows);
  }
  return 0;
}
