#include <utility>

#include "protocol/text.h"
#include "protocol/wire.h"
#include "runners/sqlite/protocol/layout.h"
#include "runners/sqlite/protocol/messages.h"

namespace paddock::runners::sqlite {
namespace {

using challenges::LimitHit;
using challenges::ResultSet;
using challenges::RunLimits;
using challenges::RunOutcome;
using protocol::WireReader;

constexpr std::size_t kMessageBytesMax = std::size_t{64} * 1024;
constexpr std::size_t kVersionBytesMax = 64;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

bool IsAscii(std::string_view text) {
  unsigned int bits = 0;
  for (const char byte : text) {
    bits |= static_cast<unsigned char>(byte);
  }
  return bits < 0x80U;
}

// `text`, or when it is not UTF-8 a copy of it in `space` that is.
std::string_view AsUtf8(std::string_view text, std::string& space) {
  if (IsAscii(text) || protocol::IsUtf8(text)) {
    return text;
  }
  space.clear();
  while (!text.empty()) {
    const std::size_t size = protocol::Utf8Length(text);
    if (size == 0) {
      space += kReplacement;
      text.remove_prefix(1);
    } else {
      space += text.substr(0, size);
      text.remove_prefix(size);
    }
  }
  return space;
}

std::string Message(WireReader& reader, std::size_t bytes_max = kMessageBytesMax) {
  std::string space;
  return std::string(AsUtf8(LongText(reader, bytes_max), space));
}

class OutcomeReader {
 public:
  OutcomeReader(WireReader& reader, const RunLimits& limits)
      : reader_(reader),
        limits_(limits),
        // Results and checks each have their limits.
        rows_left_(2 * limits.rows),
        bytes_left_(2 * limits.bytes) {}

  std::optional<RunOutcome> Read() {
    std::vector<ResultSet> sets;
    std::uint8_t mark = reader_.U8();
    for (; mark == kResultMark && reader_.ok(); mark = reader_.U8()) {
      reader_.Require(sets.size() < limits_.results + kChecksMax);
      sets.push_back(ReadSet());
    }
    reader_.Require(mark == kSummaryMark);
    auto outcome = ReadSummary(std::move(sets));
    if (!reader_.Done()) {
      return std::nullopt;
    }
    return outcome;
  }

 private:
  void Take(std::size_t& left, std::size_t count) {
    reader_.Require(count <= left);
    left -= reader_.ok() ? count : 0;
  }

  ResultSet ReadSet() {
    ResultSet set;
    const std::size_t columns = reader_.U16();
    reader_.Require(columns > 0 && columns <= kColumnsMax);
    set.columns.reserve(reader_.ok() ? columns : 0);
    while (reader_.ok() && set.columns.size() < columns) {
      const auto name = LongText(reader_, bytes_left_);
      const auto type = LongText(reader_, bytes_left_);
      Take(bytes_left_, kCellOverheadBytes + name.size() + type.size());
      set.columns.push_back({.name = std::string(AsUtf8(name, space_))});
      set.columns.back().type = AsUtf8(type, space_);
    }
    const std::size_t rows = reader_.U32();
    Take(rows_left_, rows);
    set.rows = sql::Rows(columns);
    for (std::size_t cell = 0; cell < rows * columns && reader_.ok(); ++cell) {
      ReadCell(set.rows);
    }
    return set;
  }

  void ReadCell(sql::Rows& rows) {
    const std::uint8_t type = reader_.U8();
    reader_.Require(type <= static_cast<std::uint8_t>(sql::kLastCellType));
    if (!reader_.ok()) {
      return;
    }
    if (static_cast<sql::CellType>(type) == sql::CellType::kNull) {
      Take(bytes_left_, kCellOverheadBytes);
      rows.AddNull();
      return;
    }
    const auto text = LongText(reader_, limits_.cell_bytes);
    Take(bytes_left_, kCellOverheadBytes + text.size());
    rows.Add(static_cast<sql::CellType>(type), AsUtf8(text, space_));
  }

  RunOutcome ReadSummary(std::vector<ResultSet> sets) {
    RunOutcome outcome;
    const std::size_t results = reader_.U32();
    const std::size_t checks = reader_.U32();
    reader_.Require(results <= sets.size() && checks == sets.size() - results);
    const std::uint8_t limit = reader_.U8();
    reader_.Require(limit <= static_cast<std::uint8_t>(challenges::kLastLimitHit));
    outcome.limit = static_cast<LimitHit>(limit);
    outcome.deterministic = reader_.U8() != 0;
    outcome.changed_data = reader_.U8() != 0;
    outcome.time = std::chrono::microseconds(reader_.U64() & kNoPosition);
    if (reader_.U8() != 0) {
      outcome.error = ReadError();
    }
    if (reader_.ok()) {
      const auto first_check = sets.begin() + static_cast<std::ptrdiff_t>(results);
      outcome.checks.assign(std::move_iterator(first_check), std::move_iterator(sets.end()));
      sets.resize(results);
      outcome.results = std::move(sets);
    }
    return outcome;
  }

  sql::StatementError ReadError() {
    sql::StatementError error;
    error.code = Message(reader_);
    error.message = Message(reader_);
    error.detail = Message(reader_);
    error.hint = Message(reader_);
    const std::uint32_t position = reader_.U32();
    if (position != kNoPosition) {
      reader_.Require(position <= kQueryBytesMax);
      error.position = position;
    }
    return error;
  }

  WireReader& reader_;
  const RunLimits& limits_;
  std::size_t rows_left_;
  std::size_t bytes_left_;
  std::string space_;
};

std::optional<Answer> Whole(const WireReader& reader, Answer answer) {
  return reader.Done() ? std::optional<Answer>(std::move(answer)) : std::nullopt;
}

}  // namespace

std::optional<Answer> DecodeAnswer(std::string_view payload, const RunLimits& limits) {
  WireReader reader(payload);
  switch (static_cast<AnswerKind>(reader.U8())) {
    case AnswerKind::kHello: {
      Hello hello;
      hello.engine_version = Message(reader, kVersionBytesMax);
      hello.shims = reader.U8() & challenges::kAllShims;
      return Whole(reader, std::move(hello));
    }
    case AnswerKind::kSchemaWanted: return Whole(reader, SchemaWanted{});
    case AnswerKind::kSchemaFailed: {
      SchemaFailed failed{.message = Message(reader)};
      return Whole(reader, std::move(failed));
    }
    case AnswerKind::kOutcome: return OutcomeReader(reader, limits).Read();
  }
  return std::nullopt;
}

}  // namespace paddock::runners::sqlite
