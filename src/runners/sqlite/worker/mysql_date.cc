#include "runners/sqlite/worker/mysql_date.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace paddock::runners::sqlite {
namespace {

bool IsDigit(char letter) { return letter >= '0' && letter <= '9'; }
bool IsLetter(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
}
bool IsSpace(char letter) { return letter == ' ' || (letter >= '\t' && letter <= '\r'); }

std::size_t DigitCount(std::string_view text) {
  const auto* const end = std::ranges::find_if_not(text, IsDigit);
  return static_cast<std::size_t>(end - text.begin());
}

int ToNumber(std::string_view digits) {
  int number = 0;
  for (const char digit : digits) {
    number = (number * 10) + (digit - '0');
  }
  return number;
}

// MySQL reads 70 to 99 as the last century.
int FullYear(std::string_view digits) {
  const int year = ToNumber(digits);
  if (digits.size() > 2) {
    return year;
  }
  return year + (year < 70 ? 2000 : 1900);
}

int DaysOf(int year, int month) {
  constexpr std::array kDays{31, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays.at(static_cast<std::size_t>(month));
}

std::optional<MysqlDate> Checked(MysqlDate date) {
  if (date.month > 12 || date.day > DaysOf(date.year, date.month)) {
    return std::nullopt;
  }
  return date;
}

// YYYYMMDD or YYMMDD, alone or with the six digits of a time.
std::optional<MysqlDate> ReadDigits(std::string_view digits) {
  const std::size_t size = digits.size();
  if (size != 6 && size != 8 && size != 12 && size != 14) {
    return std::nullopt;
  }
  const std::size_t year_size = size == 6 || size == 12 ? 2 : 4;
  return Checked({.year = FullYear(digits.substr(0, year_size)),
                  .month = ToNumber(digits.substr(year_size, 2)),
                  .day = ToNumber(digits.substr(year_size + 2, 2))});
}

// A part of one or two digits after a mark between the parts.
std::optional<int> TakePart(std::string_view& text) {
  if (text.empty() || IsDigit(text.front()) || IsLetter(text.front()) || IsSpace(text.front())) {
    return std::nullopt;
  }
  text.remove_prefix(1);
  const std::size_t count = DigitCount(text);
  if (count < 1 || count > 2) {
    return std::nullopt;
  }
  const int part = ToNumber(text.substr(0, count));
  text.remove_prefix(count);
  return part;
}

}  // namespace

std::optional<MysqlDate> ReadMysqlDate(std::string_view text) noexcept {
  while (!text.empty() && IsSpace(text.front())) {
    text.remove_prefix(1);
  }
  const std::size_t count = DigitCount(text);
  if (count >= 6) {
    const auto rest = text.substr(count);
    const bool ends =
        rest.empty() || rest.front() == '.' || rest.front() == 'T' || IsSpace(rest.front());
    return ends ? ReadDigits(text.substr(0, count)) : std::nullopt;
  }
  if (count != 2 && count != 4) {
    return std::nullopt;
  }
  const int year = FullYear(text.substr(0, count));
  text.remove_prefix(count);
  const auto month = TakePart(text);
  const auto day = month ? TakePart(text) : std::nullopt;
  const bool ends = text.empty() || text.front() == 'T' || IsSpace(text.front());
  if (!day || !ends) {
    return std::nullopt;
  }
  return Checked({.year = year, .month = *month, .day = *day});
}

}  // namespace paddock::runners::sqlite
