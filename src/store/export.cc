#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "crypto/sha256.h"
#include "store/export_lines.h"
#include "store/migrations.h"
#include "store/tables.h"
#include "store/transfer.h"

namespace paddock::store {
namespace {

constexpr std::size_t kPageRows = 500;

std::string ColumnList(const Table& table, std::size_t count) {
  std::vector<std::string_view> names;
  for (const Column& column : table.columns.first(count)) {
    names.push_back(column.name);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

// The rows that come after `last` in the order of the key.
Statement SelectPage(const Table& table,
                     const std::string& name_space,
                     const Row& last,
                     std::size_t rows_max) {
  const std::string keys = ColumnList(table, table.key_count);
  Statement select{.sql = fmt::format("SELECT {} FROM {} WHERE namespace = ?",
                                      ColumnList(table, table.columns.size()), table.name),
                   .values = {name_space}};
  if (!last.empty()) {
    const std::vector<std::string_view> places(table.key_count, "?");
    select.sql += fmt::format(" AND ({}) > ({})", keys, fmt::join(places, ", "));
    select.values.insert(select.values.end(), last.begin(),
                         last.begin() + static_cast<std::ptrdiff_t>(table.key_count));
  }
  select.sql += fmt::format(" ORDER BY {} LIMIT {}", keys, rows_max);
  return select;
}

class Exporter {
 public:
  Exporter(std::string name_space, WriteBytes write, Deadline deadline)
      : name_space_(std::move(name_space)), write_(std::move(write)), deadline_(deadline) {}

  aio::Task<Result<std::int64_t>> Run(Database& database) {
    auto opened = co_await database.OpenSnapshot(deadline_);
    if (!opened) {
      co_return Fail(std::move(opened).error());
    }
    Snapshot& snapshot = **opened;
    auto header = co_await WriteFirstLine(snapshot);
    if (!header) {
      co_return Fail(std::move(header).error());
    }
    for (const Table& table : Tables()) {
      auto written = co_await WriteTable(snapshot, table);
      if (!written) {
        co_return Fail(std::move(written).error().With(table.name));
      }
    }
    const std::string end = WriteEnd({.row_count = row_count_, .checksum = checksum_.Finish()});
    if (auto written = write_(end); !written) {
      co_return Fail(std::move(written).error());
    }
    co_return row_count_;
  }

 private:
  Result<void> Put(const std::string& line) {
    checksum_.Add(line);
    return write_(line);
  }

  // A coroutine's references: both outlive Run, which awaits it.
  aio::Task<Result<std::int64_t>> Number(Snapshot& snapshot, Statement statement) {
    auto rows = co_await snapshot.Read(std::move(statement), deadline_);
    if (!rows) {
      co_return Fail(std::move(rows).error());
    }
    const auto* number = rows->rows.size() == 1 && rows->rows.front().size() == 1
                             ? std::get_if<std::int64_t>(&rows->rows.front().front())
                             : nullptr;
    if (number == nullptr) {
      co_return Fail(Code::kInternal, "the database was asked for a number and has none");
    }
    co_return *number;
  }

  aio::Task<Result<void>> WriteFirstLine(Snapshot& snapshot) {
    Statement newest{.sql = "SELECT MAX(version) FROM schema_versions"};
    auto version = co_await Number(snapshot, std::move(newest));
    if (!version) {
      co_return Fail(std::move(version).error().With("the version of the schema"));
    }
    const auto known = static_cast<std::int64_t>(Migrations().size());
    if (*version != known) {
      co_return Fail(
          Code::kConflict,
          fmt::format("the store has schema version {}, and this program has version {}: "
                      "use the program that serves it",
                      *version, known));
    }
    ExportHeader header{.format = kExportFormat,
                        .name_space = name_space_,
                        .schema_version = *version,
                        .row_counts = {}};
    for (const Table& table : Tables()) {
      Statement ask{.sql = fmt::format("SELECT COUNT(*) FROM {} WHERE namespace = ?", table.name),
                    .values = {name_space_}};
      auto count = co_await Number(snapshot, std::move(ask));
      if (!count) {
        co_return Fail(std::move(count).error().With(table.name));
      }
      header.row_counts[std::string(table.name)] = *count;
    }
    co_return Put(WriteHeader(header));
  }

  aio::Task<Result<void>> WriteTable(Snapshot& snapshot, Table table) {
    Row last;
    std::size_t rows_max = kPageRows;
    for (;;) {
      auto page = co_await snapshot.Read(SelectPage(table, name_space_, last, rows_max), deadline_);
      // Rows may be so large that fewer of them make a page.
      if (!page && page.error().code == Code::kExhausted && rows_max > 1) {
        rows_max = std::max<std::size_t>(1, rows_max / 8);
        continue;
      }
      if (!page) {
        co_return Fail(std::move(page).error());
      }
      if (page->rows.empty()) {
        co_return Result<void>();
      }
      for (const Row& row : page->rows) {
        if (auto written = Put(WriteRow(table, row)); !written) {
          co_return written;
        }
        ++row_count_;
      }
      last = std::move(page->rows.back());
    }
  }

  std::string name_space_;
  WriteBytes write_;
  Deadline deadline_;
  crypto::Sha256 checksum_;
  std::int64_t row_count_ = 0;
};

}  // namespace

aio::Task<Result<std::int64_t>> Export(Database& database,
                                       std::string name_space,
                                       WriteBytes write,
                                       Deadline deadline) {
  Exporter exporter(std::move(name_space), std::move(write), deadline);
  co_return co_await exporter.Run(database);
}

}  // namespace paddock::store
