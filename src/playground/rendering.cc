#include "playground/rendering.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>

namespace paddock::playground {
namespace {

constexpr int kPlainDigitsMax = 6;          // from this exponent on, a real has one
constexpr int kPlainLeadingZeros = -4;      // and below this one
constexpr std::size_t kRealBytesMax = 400;  // 1e308 written out
constexpr int kMinutesOfHour = 60;

// A result code of SQLite, what it is called in words, and its number.
struct ResultCode {
  std::string_view name;
  std::string_view words;
  int number;
};
constexpr auto kResultCodes = std::to_array<ResultCode>({
    {.name = "SQLITE_ERROR", .words = "SQL logic error", .number = 1},
    {.name = "SQLITE_READONLY", .words = "attempt to write a readonly database", .number = 8},
    {.name = "SQLITE_CORRUPT", .words = "database disk image is malformed", .number = 11},
    {.name = "SQLITE_FULL", .words = "database or disk is full", .number = 13},
    {.name = "SQLITE_SCHEMA", .words = "database schema has changed", .number = 17},
    {.name = "SQLITE_TOOBIG", .words = "string or blob too big", .number = 18},
    {.name = "SQLITE_CONSTRAINT", .words = "constraint failed", .number = 19},
    {.name = "SQLITE_CONSTRAINT_CHECK", .words = "constraint failed", .number = 275},
    {.name = "SQLITE_CONSTRAINT_DATATYPE", .words = "constraint failed", .number = 3091},
    {.name = "SQLITE_CONSTRAINT_FOREIGNKEY", .words = "constraint failed", .number = 787},
    {.name = "SQLITE_CONSTRAINT_NOTNULL", .words = "constraint failed", .number = 1299},
    {.name = "SQLITE_CONSTRAINT_PRIMARYKEY", .words = "constraint failed", .number = 1555},
    {.name = "SQLITE_CONSTRAINT_ROWID", .words = "constraint failed", .number = 2579},
    {.name = "SQLITE_CONSTRAINT_TRIGGER", .words = "constraint failed", .number = 1811},
    {.name = "SQLITE_CONSTRAINT_UNIQUE", .words = "constraint failed", .number = 2067},
    {.name = "SQLITE_MISMATCH", .words = "datatype mismatch", .number = 20},
    {.name = "SQLITE_AUTH", .words = "authorization denied", .number = 23},
    {.name = "SQLITE_RANGE", .words = "column index out of range", .number = 25},
});

struct Moment {
  std::string date;      // "2024-01-01"
  std::string time;      // "10:00:00"
  std::string fraction;  // ".5", without trailing zeros; may be empty
  std::string zone;      // "+0800"; empty: UTC
};

bool EqualsIgnoreCase(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) {
    return false;
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    if (lower(a[i]) != lower(b[i])) {
      return false;
    }
  }
  return true;
}

bool IsTimeColumn(const sql::Column& column) noexcept {
  return EqualsIgnoreCase(column.type, "DATE") || EqualsIgnoreCase(column.type, "DATETIME") ||
         EqualsIgnoreCase(column.type, "TIMESTAMP");
}

/// Takes a number of exactly `digits` digits off the front.
std::optional<int> TakeNumber(std::string_view& text, std::size_t digits) noexcept {
  int value = 0;
  if (text.size() < digits) {
    return std::nullopt;
  }
  const std::string_view part = text.substr(0, digits);
  const auto [end, failure] = std::from_chars(part.data(), part.data() + part.size(), value);
  if (failure != std::errc() || end != part.data() + part.size() || part.starts_with('-')) {
    return std::nullopt;
  }
  text.remove_prefix(digits);
  return value;
}

bool Take(std::string_view& text, char expected) noexcept {
  if (text.empty() || text.front() != expected) {
    return false;
  }
  text.remove_prefix(1);
  return true;
}

std::optional<std::string> TakeDate(std::string_view& text) {
  const auto year = TakeNumber(text, 4);
  const bool first = Take(text, '-');
  const auto month = TakeNumber(text, 2);
  const bool second = Take(text, '-');
  const auto day = TakeNumber(text, 2);
  if (!year || !first || !month || !second || !day) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) {
    return std::nullopt;
  }
  return fmt::format("{:04}-{:02}-{:02}", *year, *month, *day);
}

/// "10:00", "10:00:00" or "10:00:00.25" into `moment`.
bool TakeTime(std::string_view& text, Moment& moment) {
  const auto hour = TakeNumber(text, 2);
  const bool colon = Take(text, ':');
  const auto minute = TakeNumber(text, 2);
  if (!hour || !colon || !minute || *hour > 23 || *minute > 59) {
    return false;
  }
  int second = 0;
  if (Take(text, ':')) {
    const auto given = TakeNumber(text, 2);
    if (!given || *given > 59) {
      return false;
    }
    second = *given;
    if (Take(text, '.')) {
      const std::size_t size = std::min(text.find_first_not_of("0123456789"), text.size());
      moment.fraction = "." + std::string(text.substr(0, size));
      moment.fraction.erase(moment.fraction.find_last_not_of("0.") + 1);
      text.remove_prefix(size);
    }
  }
  moment.time = fmt::format("{:02}:{:02}:{:02}", *hour, *minute, second);
  return true;
}

bool TakeZone(std::string_view& text, Moment& moment) {
  if (text.empty() || text == "Z") {
    text = {};
    return true;
  }
  const bool is_east = text.front() == '+';
  if (!is_east && text.front() != '-') {
    return false;
  }
  text.remove_prefix(1);
  const auto hour = TakeNumber(text, 2);
  const bool colon = Take(text, ':');
  const auto minute = TakeNumber(text, 2);
  if (!hour || !colon || !minute || *minute >= kMinutesOfHour) {
    return false;
  }
  if (*hour != 0 || *minute != 0) {
    moment.zone = fmt::format("{}{:02}{:02}", is_east ? '+' : '-', *hour, *minute);
  }
  return true;
}

std::optional<Moment> ReadMoment(std::string_view text) {
  Moment moment{.date = {}, .time = "00:00:00", .fraction = {}, .zone = {}};
  const auto date = TakeDate(text);
  if (!date) {
    return std::nullopt;
  }
  moment.date = *date;
  if (text.empty()) {
    return moment;
  }
  const bool has_time = Take(text, ' ') || Take(text, 'T');
  if (!has_time || !TakeTime(text, moment) || !TakeZone(text, moment) || !text.empty()) {
    return std::nullopt;
  }
  return moment;
}

std::optional<Moment> MomentOf(const sql::Column& column, const sql::Cell& cell) {
  const bool is_text = cell.type == sql::CellType::kText || cell.type == sql::CellType::kTime;
  return is_text && IsTimeColumn(column) ? ReadMoment(cell.text) : std::nullopt;
}

std::optional<double> RealOf(const sql::Cell& cell) noexcept {
  double value = 0;
  const std::string_view text = cell.text;
  const auto [read, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_whole = failure == std::errc() && read == text.data() + text.size();
  return is_whole ? std::optional(value) : std::nullopt;
}

std::string Written(double value, std::chars_format format) {
  std::array<char, kRealBytesMax> buffer{};
  const auto [end, failure] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format);
  return {buffer.data(), end};
}

/// The shortest text that reads back, in the way of C's %g with six digits to decide by.
std::string WithExponent(double value) {
  if (std::isinf(value)) {
    return value > 0 ? "+Inf" : "-Inf";
  }
  const std::string scientific = Written(value, std::chars_format::scientific);
  const int exponent = std::atoi(scientific.c_str() + scientific.find('e') + 1);
  const bool is_plain = exponent >= kPlainLeadingZeros && exponent < kPlainDigitsMax;
  return is_plain ? Written(value, std::chars_format::fixed) : scientific;
}

std::string WithoutExponent(double value) {
  if (std::isinf(value)) {
    return value > 0 ? "+Inf" : "-Inf";
  }
  return Written(value, std::chars_format::fixed);
}

/// "68656c" as "[104 101 108]".
std::string ByteList(std::string_view hexadecimal) {
  std::string list = "[";
  for (std::size_t i = 0; i + 1 < hexadecimal.size(); i += 2) {
    unsigned value = 0;
    std::from_chars(hexadecimal.data() + i, hexadecimal.data() + i + 2, value, 16);
    list += fmt::format("{}{}", i == 0 ? "" : " ", value);
  }
  return list + "]";
}

}  // namespace

std::optional<std::string> GatewayCell(const sql::Column& column, const sql::Cell& cell) {
  if (cell.is_null()) {
    return std::nullopt;
  }
  if (const auto moment = MomentOf(column, cell)) {
    const bool is_utc = moment->zone.empty();
    return fmt::format("{} {}{} {} {}", moment->date, moment->time, moment->fraction,
                       is_utc ? "+0000" : moment->zone, is_utc ? "UTC" : moment->zone);
  }
  if (cell.type == sql::CellType::kBytes) {
    return ByteList(cell.text);
  }
  const auto real = cell.type == sql::CellType::kReal ? RealOf(cell) : std::nullopt;
  return real ? WithExponent(*real) : std::string(cell.text);
}

std::string RunnerCell(const sql::Column& column, const sql::Cell& cell) {
  if (cell.is_null()) {
    return "NULL";
  }
  if (const auto moment = MomentOf(column, cell)) {
    return fmt::format("{} {}", moment->date, moment->time);
  }
  if (cell.type == sql::CellType::kBoolean) {
    return cell.text == "true" ? "1" : "0";
  }
  const auto real = cell.type == sql::CellType::kReal ? RealOf(cell) : std::nullopt;
  return real ? WithoutExponent(*real) : std::string(cell.text);
}

std::string ErrorText(const sql::StatementError& error) {
  const auto* const code = std::ranges::find(kResultCodes, error.code, &ResultCode::name);
  if (code == kResultCodes.end()) {
    return error.message;
  }
  if (code->words == error.message) {
    return fmt::format("{} ({})", code->words, code->number);
  }
  return fmt::format("{}: {} ({})", code->words, error.message, code->number);
}

}  // namespace paddock::playground
