// Reads rows into the records of a repository, and checks each once at its end.
//
// Used by the repositories of this folder. Pure; any thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "model/role.h"
#include "store/value.h"

namespace paddock::store {

/// kInternal when a row is not of the form that `read` takes.
template <class Record>
[[nodiscard]] Result<std::vector<Record>> ReadAll(const Result<Rows>& rows,
                                                  Record (*read)(RowReader&)) {
  if (!rows) {
    return Fail(rows.error());
  }
  std::vector<Record> records;
  records.reserve(rows->rows.size());
  for (const Row& row : rows->rows) {
    RowReader reader(row);
    records.push_back(read(reader));
    auto whole = reader.Finish();
    if (!whole) {
      return Fail(std::move(whole).error());
    }
  }
  return records;
}

/// The same for at most one row; kNotFound with `missing` without any.
template <class Record>
[[nodiscard]] Result<Record> ReadOne(const Result<Rows>& rows,
                                     Record (*read)(RowReader&),
                                     std::string missing) {
  auto records = ReadAll(rows, read);
  if (!records) {
    return Fail(std::move(records).error());
  }
  if (records->empty()) {
    return Fail(Code::kNotFound, std::move(missing));
  }
  return std::move(records->front());
}

/// For who only asks whether it was written.
[[nodiscard]] inline Result<void> WithoutRows(Result<std::vector<Rows>> written) {
  if (!written) {
    return Fail(std::move(written).error());
  }
  return {};
}

/// A role that this program does not know gives no rights.
[[nodiscard]] inline Role ReadRole(RowReader& reader) {
  return ParseRole(reader.Text()).value_or(Role::kGuest);
}

}  // namespace paddock::store
