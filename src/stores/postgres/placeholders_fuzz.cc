// Feeds arbitrary bytes to the rewriting of placeholders, and checks that nothing else is changed.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "stores/postgres/placeholders.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  // The fuzzer's bytes are text here.
  const std::string_view sql(reinterpret_cast<const char*>(bytes), size);  // NOLINT
  const auto numbered = paddock::stores::postgres::NumberPlaceholders(sql);
  if (numbered) {
    const auto marks = static_cast<std::size_t>(std::ranges::count(sql, '?'));
    PADDOCK_CHECK(numbered->count <= marks);
    PADDOCK_CHECK(numbered->sql.size() >= sql.size());
    PADDOCK_CHECK(numbered->count > 0 || numbered->sql == sql);
  }
  return 0;
}
