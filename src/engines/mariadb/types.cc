#include "engines/mariadb/types.h"

#include <cstdint>
#include <string>

#include <fmt/format.h>

namespace paddock::engines::mariadb {
namespace {

using sql::CellType;

constexpr unsigned kBinaryCharset = 63;
constexpr unsigned long kBytesPerCharacter = 4;  // of utf8mb4, in which lengths are said

struct Type {
  std::string name;
  CellType cell_type = CellType::kText;
};

Type Number(const MYSQL_FIELD& field, std::string_view name, CellType cell_type) {
  const bool is_unsigned = (field.flags & UNSIGNED_FLAG) != 0;
  return {.name = fmt::format("{}{}", name, is_unsigned ? " UNSIGNED" : ""),
          .cell_type = cell_type};
}

// A text and a string of bytes are one type with another character set.
Type String(const MYSQL_FIELD& field, std::string_view text_name, std::string_view bytes_name) {
  if (field.charsetnr == kBinaryCharset) {
    return {.name = std::string(bytes_name), .cell_type = CellType::kBytes};
  }
  return {.name = std::string(text_name)};
}

Type SizedString(const MYSQL_FIELD& field,
                 std::string_view text_name,
                 std::string_view bytes_name) {
  Type type = String(field, text_name, bytes_name);
  const unsigned long unit = type.cell_type == CellType::kBytes ? 1 : kBytesPerCharacter;
  type.name += fmt::format("({})", field.length / unit);
  return type;
}

Type Decimal(const MYSQL_FIELD& field) {
  // The length is that of the text, with the sign and the point.
  const unsigned long sign = (field.flags & UNSIGNED_FLAG) != 0 ? 0 : 1;
  const unsigned long point = field.decimals > 0 ? 1 : 0;
  const unsigned long digits = field.length > sign + point ? field.length - sign - point : 0;
  return Number(field, fmt::format("DECIMAL({},{})", digits, field.decimals), CellType::kDecimal);
}

// TEXT and BLOB in four sizes, told apart by how long a value may be.
Type Large(const MYSQL_FIELD& field) {
  constexpr unsigned long kTiny = 0xff * kBytesPerCharacter;
  constexpr unsigned long kUsual = 0xffff * kBytesPerCharacter;
  constexpr unsigned long kMedium = 0xffffffUL * kBytesPerCharacter;
  if (field.length <= kTiny) {
    return String(field, "TINYTEXT", "TINYBLOB");
  }
  if (field.length <= kUsual) {
    return String(field, "TEXT", "BLOB");
  }
  return field.length <= kMedium ? String(field, "MEDIUMTEXT", "MEDIUMBLOB")
                                 : String(field, "LONGTEXT", "LONGBLOB");
}

// Types that came later are sent as strings, with their names beside: "uuid", "inet6", "json".
bool ReadExtendedType(const MYSQL_FIELD& field, Type& type) {
  for (const auto attribute : {MARIADB_FIELD_ATTR_DATA_TYPE_NAME, MARIADB_FIELD_ATTR_FORMAT_NAME}) {
    MARIADB_CONST_STRING name{};
    if (mariadb_field_attr(&name, &field, attribute) == 0 && name.length > 0) {
      type.name.assign(name.str, name.length);
      type.cell_type = field.type == MYSQL_TYPE_GEOMETRY ? CellType::kBytes : CellType::kText;
      if (type.name == "json") {
        type.cell_type = CellType::kOther;
      }
      for (char& c : type.name) {
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
      }
      return true;
    }
  }
  return false;
}

Type TextType(const MYSQL_FIELD& field) {
  if ((field.flags & ENUM_FLAG) != 0) {
    return {.name = "ENUM"};
  }
  if ((field.flags & SET_FLAG) != 0) {
    return {.name = "SET"};
  }
  switch (field.type) {
    case MYSQL_TYPE_STRING: return SizedString(field, "CHAR", "BINARY");
    case MYSQL_TYPE_VARCHAR:
    case MYSQL_TYPE_VAR_STRING: return SizedString(field, "VARCHAR", "VARBINARY");
    case MYSQL_TYPE_TINY_BLOB:
    case MYSQL_TYPE_MEDIUM_BLOB:
    case MYSQL_TYPE_LONG_BLOB:
    case MYSQL_TYPE_BLOB: return Large(field);
    case MYSQL_TYPE_BIT:
      return {.name = fmt::format("BIT({})", field.length), .cell_type = CellType::kBytes};
    case MYSQL_TYPE_GEOMETRY: return {.name = "GEOMETRY", .cell_type = CellType::kBytes};
    case MYSQL_TYPE_JSON: return {.name = "JSON", .cell_type = CellType::kOther};
    case MYSQL_TYPE_NULL: return {.name = "NULL"};
    default: return {};
  }
}

Type TypeOf(const MYSQL_FIELD& field) {
  Type extended;
  if (ReadExtendedType(field, extended)) {
    return extended;
  }
  switch (field.type) {
    case MYSQL_TYPE_TINY: return Number(field, "TINYINT", CellType::kInteger);
    case MYSQL_TYPE_SHORT: return Number(field, "SMALLINT", CellType::kInteger);
    case MYSQL_TYPE_INT24: return Number(field, "MEDIUMINT", CellType::kInteger);
    case MYSQL_TYPE_LONG: return Number(field, "INT", CellType::kInteger);
    case MYSQL_TYPE_LONGLONG: return Number(field, "BIGINT", CellType::kInteger);
    case MYSQL_TYPE_YEAR: return {.name = "YEAR", .cell_type = CellType::kInteger};
    case MYSQL_TYPE_FLOAT: return Number(field, "FLOAT", CellType::kReal);
    case MYSQL_TYPE_DOUBLE: return Number(field, "DOUBLE", CellType::kReal);
    case MYSQL_TYPE_DECIMAL:
    case MYSQL_TYPE_NEWDECIMAL: return Decimal(field);
    case MYSQL_TYPE_DATE:
    case MYSQL_TYPE_NEWDATE: return {.name = "DATE", .cell_type = CellType::kTime};
    case MYSQL_TYPE_TIME: return {.name = "TIME", .cell_type = CellType::kTime};
    case MYSQL_TYPE_DATETIME: return {.name = "DATETIME", .cell_type = CellType::kTime};
    case MYSQL_TYPE_TIMESTAMP: return {.name = "TIMESTAMP", .cell_type = CellType::kTime};
    default: return TextType(field);
  }
}

}  // namespace

std::vector<sql::Column> DescribeColumns(MYSQL_RES& result) {
  std::vector<sql::Column> columns;
  const unsigned count = mysql_num_fields(&result);
  columns.reserve(count);
  for (unsigned i = 0; i < count; ++i) {
    const MYSQL_FIELD& field = *mysql_fetch_field_direct(&result, i);
    Type type = TypeOf(field);
    columns.push_back({.name = std::string(field.name, field.name_length),
                       .type = std::move(type.name),
                       .cell_type = type.cell_type});
  }
  return columns;
}

void AddCell(CellType type, std::string_view text, sql::Rows& rows) {
  if (type != CellType::kBytes) {
    rows.Add(type, text);
    return;
  }
  constexpr std::string_view kHexDigits = "0123456789abcdef";
  std::string hex;
  hex.reserve(text.size() * 2);
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    hex += kHexDigits[byte >> 4U];
    hex += kHexDigits[byte & 0xfU];
  }
  rows.Add(type, hex);
}

}  // namespace paddock::engines::mariadb
