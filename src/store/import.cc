#include <algorithm>
#include <map>
#include <ranges>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "crypto/sha256.h"
#include "store/export_lines.h"
#include "store/tables.h"
#include "store/transfer.h"

namespace paddock::store {
namespace {

constexpr std::size_t kBatchRows = 200;
constexpr std::size_t kBatchSizeMax = std::size_t{8} * 1024 * 1024;

// No server can be told to have such a namespace.
std::string StagingOf(const std::string& name_space) { return "~import~" + name_space; }

std::string Columns(const Table& table) {
  std::vector<std::string_view> names;
  for (const Column& column : table.columns) {
    names.push_back(column.name);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

Statement InsertRow(const Table& table, const std::string& name_space, Row row) {
  const std::vector<std::string_view> places(table.columns.size(), "?");
  Statement insert{.sql = fmt::format("INSERT INTO {} (namespace, {}) VALUES (?, {})", table.name,
                                      Columns(table), fmt::join(places, ", ")),
                   .values = {name_space}};
  insert.values.insert(insert.values.end(), std::move_iterator(row.begin()),
                       std::move_iterator(row.end()));
  return insert;
}

Statement CheckEmpty(const Table& table, const std::string& name_space) {
  return {.sql = fmt::format("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM {} WHERE namespace = ?)",
                             table.name),
          .values = {name_space},
          .if_none = Error{.code = Code::kConflict,
                           .message = fmt::format("the namespace '{}' has content already: import "
                                                  "into one that has none (--namespace)",
                                                  name_space)}};
}

Statement MoveRows(const Table& table,
                   const std::string& from,
                   const std::string& to,
                   std::int64_t count) {
  return {.sql = fmt::format("INSERT INTO {0} (namespace, {1}) SELECT ?, {1} FROM {0} WHERE "
                             "namespace = ? AND (SELECT COUNT(*) FROM {0} WHERE namespace = ?) = ?",
                             table.name, Columns(table)),
          .values = {to, from, from, count},
          .if_none = Error{.code = Code::kConflict,
                           .message = "another import into this namespace came in between"}};
}

Transaction DeleteRows(const std::string& name_space) {
  Transaction transaction;
  for (const Table& table : Tables() | std::views::reverse) {
    transaction.push_back({.sql = fmt::format("DELETE FROM {} WHERE namespace = ?", table.name),
                           .values = {name_space}});
  }
  return transaction;
}

class Importer {
 public:
  Importer(Database& database, std::string name_space, ReadLine read, Deadline deadline)
      : database_(database),
        name_space_(std::move(name_space)),
        staging_(StagingOf(name_space_)),
        read_(std::move(read)),
        deadline_(deadline) {}

  aio::Task<Result<std::int64_t>> Run() {
    auto begun = co_await Begin();
    if (!begun) {
      co_return Fail(std::move(begun).error());
    }
    auto done = co_await StageAll();
    if (done) {
      done = co_await Publish();
    }
    if (!done) {
      auto cleared = co_await database_.Write(DeleteRows(staging_), deadline_);
      static_cast<void>(cleared);  // nobody sees what is left, and the next import removes it
      co_return Fail(std::move(done).error());
    }
    co_return row_count_;
  }

 private:
  [[nodiscard]] Error AtLine(Error error) const {
    return std::move(error).With(fmt::format("line {}", line_number_));
  }

  Result<std::string> NextLine() {
    auto line = read_();
    ++line_number_;
    if (!line) {
      return Fail(AtLine(std::move(line).error()));
    }
    if (!*line) {
      return Fail(Code::kInvalid,
                  fmt::format("the export ends after line {}: it is not whole", line_number_ - 1));
    }
    return **std::move(line);
  }

  // Reads the header, and makes room.
  aio::Task<Result<void>> Begin() {
    auto line = NextLine();
    if (!line) {
      co_return Fail(std::move(line).error());
    }
    auto header = ReadHeader(*line);
    if (!header) {
      co_return Fail(AtLine(std::move(header).error()));
    }
    const int known = database_.state().schema_version;
    if (header->schema_version != known) {
      co_return Fail(Code::kConflict,
                     fmt::format("the export was made with schema version {}, and this program has "
                                 "version {}: make it again with the same version of Paddock",
                                 header->schema_version, known));
    }
    expected_ = std::move(header->row_counts);
    checksum_.Add(*line + "\n");
    Transaction transaction;
    for (const Table& table : Tables()) {
      transaction.push_back(CheckEmpty(table, name_space_));
    }
    for (Statement& statement : DeleteRows(staging_)) {
      transaction.push_back(std::move(statement));
    }
    auto written = co_await database_.Write(std::move(transaction), deadline_);
    if (!written) {
      co_return Fail(std::move(written).error());
    }
    co_return Result<void>();
  }

  aio::Task<Result<void>> StageAll() {
    for (;;) {
      auto line = NextLine();
      if (!line) {
        co_return Fail(std::move(line).error());
      }
      auto read = ReadExportLine(*line);
      if (!read) {
        co_return Fail(AtLine(std::move(read).error()));
      }
      if (read->table == nullptr) {
        auto staged = co_await WriteBatch();
        co_return staged ? CheckEnd(read->end) : staged;
      }
      checksum_.Add(*line + "\n");
      if (auto added = Add(*std::move(read), line->size()); !added) {
        co_return added;
      }
      if (batch_.size() == kBatchRows || batch_size_ > kBatchSizeMax) {
        auto staged = co_await WriteBatch();
        if (!staged) {
          co_return staged;
        }
      }
    }
  }

  Result<void> Add(ExportLine line, std::size_t size) {
    ++row_count_;
    ++counts_[std::string(line.table->name)];
    Statement insert = InsertRow(*line.table, staging_, std::move(line.row));
    if (auto checked = CheckStatements({&insert, 1}); !checked) {
      return Fail(AtLine(std::move(checked).error()));
    }
    batch_.push_back(std::move(insert));
    batch_size_ += size;
    return {};
  }

  aio::Task<Result<void>> WriteBatch() {
    const std::size_t count = batch_.size();
    auto written = co_await database_.Write(std::exchange(batch_, {}), deadline_);
    batch_size_ = 0;
    if (!written) {
      const std::string where = fmt::format(
          "lines {} to {}", line_number_ - static_cast<std::int64_t>(count), line_number_);
      co_return Fail(std::move(written).error().With(where));
    }
    co_return Result<void>();
  }

  [[nodiscard]] Result<void> CheckEnd(const ExportEnd& end) {
    if (end.checksum != checksum_.Finish() || end.row_count != row_count_) {
      return Fail(Code::kInvalid,
                  fmt::format("line {}: the export was changed after it was made: its checksum is "
                              "another",
                              line_number_));
    }
    for (const auto& [table, count] : expected_) {
      if (counts_[table] != count) {
        return Fail(Code::kInvalid, fmt::format("the export should have {} rows of {}, and has {}",
                                                count, table, counts_[table]));
      }
    }
    auto more = read_();
    if (more && *more) {
      return Fail(Code::kInvalid,
                  fmt::format("line {}: there is more after the end", line_number_ + 1));
    }
    return {};
  }

  // In one transaction, from the hidden name to the real one.
  aio::Task<Result<void>> Publish() {
    Transaction transaction;
    for (const Table& table : Tables()) {
      transaction.push_back(CheckEmpty(table, name_space_));
    }
    for (const Table& table : Tables()) {
      const std::int64_t count = counts_[std::string(table.name)];
      if (count > 0) {
        transaction.push_back(MoveRows(table, staging_, name_space_, count));
      }
    }
    for (Statement& statement : DeleteRows(staging_)) {
      transaction.push_back(std::move(statement));
    }
    auto written = co_await database_.Write(std::move(transaction), deadline_);
    if (!written) {
      co_return Fail(std::move(written).error());
    }
    co_return Result<void>();
  }

  Database& database_;
  std::string name_space_;
  std::string staging_;
  ReadLine read_;
  Deadline deadline_;

  std::int64_t line_number_ = 0;
  crypto::Sha256 checksum_;
  std::int64_t row_count_ = 0;
  std::map<std::string, std::int64_t> expected_;
  std::map<std::string, std::int64_t> counts_;
  Transaction batch_;
  std::size_t batch_size_ = 0;
};

}  // namespace

aio::Task<Result<std::int64_t>> Import(Database& database,
                                       std::string name_space,
                                       ReadLine read,
                                       Deadline deadline) {
  Importer importer(database, std::move(name_space), std::move(read), deadline);
  co_return co_await importer.Run();
}

}  // namespace paddock::store
