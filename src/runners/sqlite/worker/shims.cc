#include "runners/sqlite/worker/shims.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "protocol/text.h"
#include "runners/sqlite/worker/mysql_date.h"

namespace paddock::runners::sqlite {
namespace {

using challenges::Shim;
using challenges::ShimSet;

std::string_view TextOf(sqlite3_value* value) {
  const auto* const bytes = static_cast<const char*>(sqlite3_value_blob(value));
  return bytes == nullptr
             ? std::string_view()
             : std::string_view(bytes, static_cast<std::size_t>(sqlite3_value_bytes(value)));
}

// As text, whatever it is; the bytes stay valid until the value changes.
std::string_view AsText(sqlite3_value* value) {
  if (sqlite3_value_type(value) == SQLITE_BLOB) {
    return TextOf(value);
  }
  (void)sqlite3_value_text(value);
  return TextOf(value);
}

bool IsNull(sqlite3_value* value) { return sqlite3_value_type(value) == SQLITE_NULL; }

void ReturnText(sqlite3_context* context, std::string_view text) {
  sqlite3_result_text64(context, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

template <int MysqlDate::* kPart>
void DatePart(sqlite3_context* context, int /*unused*/, sqlite3_value** arguments) {
  // A number such as 20240209.0 is read by its digits.
  const auto date = ReadMysqlDate(AsText(arguments[0]));
  if (date) {
    sqlite3_result_int(context, (*date).*kPart);
  } else {
    sqlite3_result_null(context);
  }
}

void If(sqlite3_context* context, int /*unused*/, sqlite3_value** arguments) {
  const bool chosen = sqlite3_value_double(arguments[0]) != 0;
  sqlite3_result_value(context, arguments[chosen ? 1 : 2]);
}

void Concat(sqlite3_context* context, int count, sqlite3_value** arguments) {
  const std::span parts(arguments, static_cast<std::size_t>(count));
  if (parts.empty()) {
    sqlite3_result_error(context, "wrong number of arguments to function CONCAT()", -1);
    return;
  }
  if (std::ranges::any_of(parts, IsNull)) {
    sqlite3_result_null(context);
    return;
  }
  const auto limit = static_cast<std::size_t>(
      sqlite3_limit(sqlite3_context_db_handle(context), SQLITE_LIMIT_LENGTH, -1));
  std::string text;
  for (sqlite3_value* part : parts) {
    text += AsText(part);
    if (text.size() > limit) {
      sqlite3_result_error_toobig(context);
      return;
    }
  }
  ReturnText(context, text);
}

// Bytes of the character that `text` begins with; what is not UTF-8 counts byte by byte.
std::size_t CharacterSize(std::string_view text) {
  return std::max<std::size_t>(protocol::Utf8Length(text), 1);
}

void Left(sqlite3_context* context, int /*unused*/, sqlite3_value** arguments) {
  if (IsNull(arguments[0]) || IsNull(arguments[1])) {
    sqlite3_result_null(context);
    return;
  }
  const auto text = AsText(arguments[0]);
  std::size_t size = 0;
  for (std::int64_t left = sqlite3_value_int64(arguments[1]); left > 0 && size < text.size();
       --left) {
    size += CharacterSize(text.substr(size));
  }
  ReturnText(context, text.substr(0, size));
}

void Right(sqlite3_context* context, int /*unused*/, sqlite3_value** arguments) {
  if (IsNull(arguments[0]) || IsNull(arguments[1])) {
    sqlite3_result_null(context);
    return;
  }
  auto text = AsText(arguments[0]);
  std::int64_t characters = 0;
  for (std::size_t at = 0; at < text.size(); at += CharacterSize(text.substr(at))) {
    ++characters;
  }
  const std::int64_t wanted = std::max<std::int64_t>(sqlite3_value_int64(arguments[1]), 0);
  for (; characters > wanted; --characters) {
    text.remove_prefix(CharacterSize(text));
  }
  ReturnText(context, text);
}

struct Definition {
  Shim shim;
  const char* name;
  int argument_count;
  void (*function)(sqlite3_context*, int, sqlite3_value**);
};

constexpr auto kDefinitions = std::to_array<Definition>({
    {.shim = Shim::kYear,
     .name = "year",
     .argument_count = 1,
     .function = &DatePart<&MysqlDate::year>},
    {.shim = Shim::kMonth,
     .name = "month",
     .argument_count = 1,
     .function = &DatePart<&MysqlDate::month>},
    {.shim = Shim::kDay,
     .name = "day",
     .argument_count = 1,
     .function = &DatePart<&MysqlDate::day>},
    {.shim = Shim::kIf, .name = "if", .argument_count = 3, .function = &If},
    {.shim = Shim::kConcat, .name = "concat", .argument_count = -1, .function = &Concat},
    {.shim = Shim::kLeft, .name = "left", .argument_count = 2, .function = &Left},
    {.shim = Shim::kRight, .name = "right", .argument_count = 2, .function = &Right},
});

bool Has(ShimSet set, Shim shim) { return (set & static_cast<ShimSet>(shim)) != 0; }

}  // namespace

void SetShims(sqlite3* connection, ShimSet present, ShimSet wanted) {
  constexpr int kFlags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
  for (const Definition& definition : kDefinitions) {
    if (Has(present, definition.shim) != Has(wanted, definition.shim)) {
      (void)sqlite3_create_function(
          connection, definition.name, definition.argument_count, kFlags, nullptr,
          Has(wanted, definition.shim) ? definition.function : nullptr, nullptr, nullptr);
    }
  }
}

ShimSet CallableShims(sqlite3* connection) {
  ShimSet callable = 0;
  for (const Definition& definition : kDefinitions) {
    const int count = std::max(definition.argument_count, 1);
    std::string arguments = "1";
    for (int i = 1; i < count; ++i) {
      arguments += ",1";
    }
    const auto text = fmt::format("SELECT {}({})", definition.name, arguments);
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v3(connection, text.c_str(), -1, 0, &statement, nullptr) == SQLITE_OK) {
      callable |= static_cast<ShimSet>(definition.shim);
    }
    sqlite3_finalize(statement);
  }
  return callable;
}

}  // namespace paddock::runners::sqlite
