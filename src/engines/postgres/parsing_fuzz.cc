// Feeds arbitrary bytes to everything that reads what a server says, and checks that it stays in
// its bounds.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "engines/postgres/json_plan.h"
#include "engines/postgres/messages.h"
#include "engines/postgres/position.h"
#include "engines/postgres/table_plan.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

namespace {

using namespace paddock::engines::postgres;  // NOLINT(google-build-using-namespace): all of them
namespace sql = paddock::sql;

void ReadRow(std::string_view text, std::size_t column_count, sql::CellType type) {
  const std::vector<sql::Column> columns(column_count, sql::Column{.name = "c", .cell_type = type});
  sql::Rows rows(column_count);
  if (AppendDataRow(text, columns, rows) && column_count > 0) {
    PADDOCK_CHECK(rows.row_count() == 1);
  }
}

// Lines with tabs between their cells.
void ReadTable(std::string_view text) {
  sql::Rows rows(3);
  while (!text.empty()) {
    for (const char end : {'\t', '\t', '\n'}) {
      const std::string_view cell = text.substr(0, text.find(end));
      rows.Add(sql::CellType::kText, cell);
      text.remove_prefix(std::min(cell.size() + 1, text.size()));
    }
  }
  sql::AnswerTable table{.columns = {{.name = "tree"}, {.name = "field"}, {.name = "description"}}};
  table.batches.push_back(std::move(rows));
  static_cast<void>(ReadTablePlan(table));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  const std::size_t split = bytes[0];
  // The fuzzer's bytes are text here.
  const std::string_view text(reinterpret_cast<const char*>(bytes + 1), size - 1);  // NOLINT
  const std::string_view first = text.substr(0, split);
  const std::string_view rest = text.substr(first.size());
  static_cast<void>(ParseRowDescription(text));
  static_cast<void>(ParseReport(text));
  static_cast<void>(ReadTag(ParseText(text)));
  ReadRow(text, split % 8, sql::CellType::kBytes);
  ReadRow(text, split % 8, sql::CellType::kText);
  static_cast<void>(ReadJsonPlan(text, true));
  ReadTable(text);
  for (const auto& position : {ByteOfCaret(first, rest), ByteOfCharacter(first, rest.size())}) {
    PADDOCK_CHECK(!position || *position <= first.size());
  }
  return 0;
}
