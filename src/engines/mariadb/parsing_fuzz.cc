// Feeds arbitrary bytes to everything that reads what a server says, and checks that it stays in
// its bounds.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "engines/mariadb/json_plan.h"
#include "engines/mariadb/position.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  const std::size_t split = bytes[0];
  // The fuzzer's bytes are text here.
  const std::string_view text(reinterpret_cast<const char*>(bytes + 1), size - 1);  // NOLINT
  const std::string_view statement = text.substr(0, split);
  for (const unsigned number : {1054U, 1064U, 1146U}) {
    const auto position =
        paddock::engines::mariadb::FindPosition(statement, number, text.substr(statement.size()));
    PADDOCK_CHECK(!position || *position <= statement.size());
  }
  static_cast<void>(paddock::engines::mariadb::ReadJsonPlan(text, true));
  return 0;
}
