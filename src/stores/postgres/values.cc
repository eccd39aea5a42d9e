#include "stores/postgres/values.h"

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "stores/postgres/placeholders.h"

namespace paddock::stores::postgres {
namespace {

// From PostgreSQL's catalog; they never change.
constexpr Oid kBool = 16;
constexpr Oid kBytea = 17;
constexpr Oid kName = 19;
constexpr Oid kInt8 = 20;
constexpr Oid kInt2 = 21;
constexpr Oid kInt4 = 23;
constexpr Oid kText = 25;
constexpr Oid kOid = 26;
constexpr Oid kFloat4 = 700;
constexpr Oid kFloat8 = 701;
constexpr Oid kUnknown = 705;
constexpr Oid kBlankPadded = 1042;
constexpr Oid kVarchar = 1043;
constexpr Oid kNumeric = 1700;
constexpr Oid kVoid = 2278;

constexpr int kTextFormat = 0;
constexpr int kBinaryFormat = 1;
constexpr std::size_t kRowOverhead = 64;  // what a row costs in memory, whatever is in it

struct Encoding {
  Oid type = 0;  // none: the server takes the column's
  std::string text;
  int format = kTextFormat;
};

struct Encoder {
  Encoding operator()(std::monostate) const { return {}; }
  Encoding operator()(std::int64_t number) const {
    return {.type = kInt8, .text = fmt::format("{}", number)};
  }
  // The shortest text that is this number and no other.
  Encoding operator()(double number) const {
    return {.type = kFloat8, .text = fmt::format("{}", number)};
  }
  Encoding operator()(const std::string& text) const { return {.type = kText, .text = text}; }
  Encoding operator()(const store::Bytes& bytes) const {
    return {.type = kBytea, .text = bytes.bytes, .format = kBinaryFormat};
  }
};

std::optional<store::Value> ReadInteger(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

std::optional<store::Value> ReadDouble(std::string_view text) {
  double number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  // The smallest numbers are out of range for no reason but that they are not normal.
  if (failure == std::errc::result_out_of_range) {
    return std::strtod(std::string(text).c_str(), nullptr);
  }
  if (failure != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::optional<store::Value> ReadBytes(std::string_view text) {
  if (!text.starts_with("\\x") || text.size() % 2 != 0) {
    return std::nullopt;
  }
  store::Bytes bytes;
  bytes.bytes.reserve(text.size() / 2);
  for (std::size_t i = 2; i < text.size(); i += 2) {
    const int high = HexDigit(text[i]);
    const int low = HexDigit(text[i + 1]);
    if (high < 0 || low < 0) {
      return std::nullopt;
    }
    bytes.bytes.push_back(static_cast<char>(high * 16 + low));
  }
  return bytes;
}

std::optional<store::Value> ReadValue(Oid type, std::string_view text) {
  switch (type) {
    case kInt2:
    case kInt4:
    case kInt8:
    case kOid: return ReadInteger(text);
    case kBool: return std::int64_t{text == "t" ? 1 : 0};
    case kFloat4:
    case kFloat8: return ReadDouble(text);
    // Of sums of integers, which SQLite returns as integers.
    case kNumeric: {
      auto integer = ReadInteger(text);
      return integer ? integer : ReadDouble(text);
    }
    case kBytea: return ReadBytes(text);
    case kText:
    case kName:
    case kUnknown:
    case kVarchar:
    case kBlankPadded: return std::string(text);
    case kVoid: return std::monostate();
    default: return std::nullopt;
  }
}

std::string_view FieldOf(const PGresult& result, int field) {
  const char* text = PQresultErrorField(&result, field);
  return text == nullptr ? std::string_view() : std::string_view(text);
}

std::int64_t ChangedCount(const PGresult& result) {
  // libpq reads only, but takes no const.
  auto* changeable =
      const_cast<PGresult*>(&result);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  const std::string_view command = PQcmdStatus(changeable);
  if (command.starts_with("SELECT")) {
    return 0;
  }
  const auto count = ReadInteger(PQcmdTuples(changeable));
  return count ? std::get<std::int64_t>(*count) : 0;
}

}  // namespace

Result<EncodedStatement> EncodedStatement::Encode(const store::Statement& statement) {
  auto numbered = NumberPlaceholders(statement.sql);
  if (!numbered) {
    return Fail(std::move(numbered).error());
  }
  if (numbered->count != statement.values.size()) {
    return Fail(Code::kInternal, fmt::format("{} values do not fit the statement: {}",
                                             statement.values.size(), statement.sql));
  }
  EncodedStatement encoded;
  encoded.sql_ = std::move(numbered->sql);
  for (const store::Value& value : statement.values) {
    encoded.Add(value);
  }
  return encoded;
}

void EncodedStatement::Add(const store::Value& value) {
  Encoding encoding = std::visit(Encoder(), value);
  types_.push_back(encoding.type);
  is_null_.push_back(std::holds_alternative<std::monostate>(value));
  lengths_.push_back(static_cast<int>(encoding.text.size()));
  formats_.push_back(encoding.format);
  texts_.push_back(std::move(encoding.text));
}

std::string EncodedStatement::PreparedKey() const {
  return fmt::format("{} {}", fmt::join(types_, ","), sql_);
}

std::vector<const char*> EncodedStatement::Pointers() const {
  std::vector<const char*> pointers;
  pointers.reserve(texts_.size());
  for (std::size_t i = 0; i < texts_.size(); ++i) {
    pointers.push_back(is_null_[i] ? nullptr : texts_[i].c_str());
  }
  return pointers;
}

Result<store::Rows> ReadRows(const PGresult& result) {
  store::Rows rows;
  rows.changed_count = ChangedCount(result);
  std::size_t size = 0;
  const int row_count = PQntuples(&result);
  const int column_count = PQnfields(&result);
  for (int i = 0; i < row_count; ++i) {
    store::Row row;
    row.reserve(static_cast<std::size_t>(column_count));
    size += kRowOverhead;
    for (int column = 0; column < column_count; ++column) {
      if (PQgetisnull(&result, i, column) != 0) {
        row.emplace_back();
        continue;
      }
      const auto length = static_cast<std::size_t>(PQgetlength(&result, i, column));
      auto value = ReadValue(PQftype(&result, column), {PQgetvalue(&result, i, column), length});
      if (!value) {
        return Fail(Code::kInternal,
                    fmt::format("column {} is of type {}, which is not of the common SQL subset",
                                PQfname(&result, column), PQftype(&result, column)));
      }
      row.push_back(*std::move(value));
      size += sizeof(store::Value) + length;
    }
    if (size > store::kAnswerSizeMax) {
      return Fail(Code::kExhausted,
                  fmt::format("the answer is longer than {} bytes", store::kAnswerSizeMax));
    }
    rows.rows.push_back(std::move(row));
  }
  return rows;
}

Code CodeOf(std::string_view sqlstate) noexcept {
  const std::string_view kind = sqlstate.substr(0, 2);
  if (sqlstate == "53100") {
    return Code::kDiskFull;
  }
  if (sqlstate == "57014") {
    return Code::kDeadlineExceeded;  // statement_timeout, which is the call's deadline
  }
  if (sqlstate == "23505" || sqlstate == "23503" || sqlstate == "23001") {
    return Code::kConflict;
  }
  if (kind == "53") {
    return Code::kExhausted;
  }
  if (kind == "08" || kind == "57" || kind == "40" || kind == "58" || sqlstate == "55P03" ||
      sqlstate == "25P03") {
    return Code::kUnavailable;
  }
  if (sqlstate == "22021" || sqlstate == "22P05" || kind == "54") {
    return Code::kInvalid;
  }
  return Code::kInternal;
}

SqlFailure ReadFailure(const PGresult& result, const store::Statement* asked) {
  const std::string_view sqlstate = FieldOf(result, PG_DIAG_SQLSTATE);
  if (sqlstate == "23505" && asked != nullptr && asked->if_taken) {
    return {.error = *asked->if_taken};
  }
  // Not the detail, which quotes values.
  Error error{.code = sqlstate.empty() ? Code::kUnavailable : CodeOf(sqlstate),
              .message = fmt::format("PostgreSQL: {} ({})",
                                     FieldOf(result, PG_DIAG_MESSAGE_PRIMARY), sqlstate)};
  if (error.code == Code::kDiskFull) {
    error = store::DiskIsFull(error.message);
  }
  return {.error = std::move(error),
          .may_retry = sqlstate == "40001" || sqlstate == "40P01",
          .is_confused = sqlstate == "26000" || sqlstate == "0A000"};
}

}  // namespace paddock::stores::postgres
