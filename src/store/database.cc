#include "store/database.h"

#include <cmath>
#include <variant>

#include <fmt/format.h>

namespace paddock::store {
namespace {

struct ByteRange {
  unsigned char first;
  unsigned char last;
};

constexpr ByteRange kContinuation{.first = 0x80, .last = 0xBF};

// How many bytes follow `lead`, and what the first of them may be: overlong forms, surrogates and
// whatever lies beyond U+10FFFF differ from the rest in that byte only.
struct Sequence {
  int following = -1;  // not a lead byte
  ByteRange second = kContinuation;
};

Sequence SequenceOf(unsigned char lead) {
  if (lead < 0x80) {
    return {.following = 0};
  }
  if (lead >= 0xC2 && lead <= 0xDF) {
    return {.following = 1};
  }
  if (lead >= 0xE0 && lead <= 0xEF) {
    const unsigned char first = lead == 0xE0 ? 0xA0 : 0x80;
    const unsigned char last = lead == 0xED ? 0x9F : 0xBF;
    return {.following = 2, .second = {.first = first, .last = last}};
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const unsigned char first = lead == 0xF0 ? 0x90 : 0x80;
    const unsigned char last = lead == 0xF4 ? 0x8F : 0xBF;
    return {.following = 3, .second = {.first = first, .last = last}};
  }
  return {};
}

bool IsText(std::string_view text) {
  while (!text.empty()) {
    const auto sequence = SequenceOf(static_cast<unsigned char>(text.front()));
    if (text.front() == '\0' || sequence.following < 0 ||
        text.size() <= static_cast<std::size_t>(sequence.following)) {
      return false;
    }
    ByteRange range = sequence.second;
    for (int i = 1; i <= sequence.following; ++i) {
      const auto byte = static_cast<unsigned char>(text[static_cast<std::size_t>(i)]);
      if (byte < range.first || byte > range.last) {
        return false;
      }
      range = kContinuation;
    }
    text.remove_prefix(static_cast<std::size_t>(sequence.following) + 1);
  }
  return true;
}

Result<void> CheckValue(const Value& value) {
  std::size_t size = 0;
  if (const auto* bytes = std::get_if<Bytes>(&value)) {
    size = bytes->bytes.size();
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    size = text->size();
    if (size <= kValueSizeMax && !IsText(*text)) {
      return Fail(Code::kInvalid, "a text is not UTF-8, or has a zero byte in it");
    }
  }
  const auto* number = std::get_if<double>(&value);
  if (number != nullptr && !std::isfinite(*number)) {
    return Fail(Code::kInvalid, "a number is infinite or none, which SQLite cannot keep");
  }
  if (size > kValueSizeMax) {
    return Fail(Code::kInvalid,
                fmt::format("a value of {} bytes is more than {}", size, kValueSizeMax));
  }
  return {};
}

}  // namespace

Error DiskIsFull(std::string_view cause) {
  Error error{.code = Code::kDiskFull,
              .message =
                  "The server's disk is full, so nothing was saved. Whoever runs the "
                  "server has to make room; then try again."};
  return std::move(error).With(cause);
}

Result<void> CheckStatements(std::span<const Statement> statements) {
  if (statements.size() > kStatementsMax) {
    return Fail(Code::kInvalid, fmt::format("a transaction of {} statements is more than {}",
                                            statements.size(), kStatementsMax));
  }
  for (const Statement& statement : statements) {
    if (statement.sql.size() > kSqlSizeMax || statement.values.size() > kValuesMax) {
      return Fail(Code::kInvalid, "a statement is too long or has too many values");
    }
    for (const Value& value : statement.values) {
      if (auto checked = CheckValue(value); !checked) {
        return checked;
      }
    }
  }
  return {};
}

}  // namespace paddock::store
