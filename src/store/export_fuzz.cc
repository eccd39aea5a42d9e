// Feeds arbitrary bytes to what reads an export, and checks that what it accepts is written the
// same.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "store/export_lines.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace paddock::store;  // NOLINT(google-build-using-namespace): it is a whole program
  // The fuzzer's bytes are text here.
  const std::string_view line(reinterpret_cast<const char*>(bytes), size);  // NOLINT
  if (const auto header = ReadHeader(line)) {
    const auto again = ReadHeader(WriteHeader(*header));
    PADDOCK_CHECK(again && again->row_counts == header->row_counts);
    PADDOCK_CHECK(again->name_space == header->name_space);
  }
  if (const auto read = ReadExportLine(line); read && read->table != nullptr) {
    PADDOCK_CHECK(read->row.size() == read->table->columns.size());
    const auto again = ReadExportLine(WriteRow(*read->table, read->row));
    PADDOCK_CHECK(again && again->row == read->row);
  }
  return 0;
}
