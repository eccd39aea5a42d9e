#include "engines/postgres/messages.h"

#include <array>
#include <charconv>
#include <utility>

namespace paddock::engines::postgres {
namespace {

constexpr std::size_t kLengthSize = 4;
constexpr std::string_view kHexDigits = "0123456789abcdef";

/// Takes values off the front of a message. After the first that was not there, all are empty.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  std::string_view Bytes(std::size_t size) {
    if (size > rest_.size()) {
      is_good_ = false;
      rest_ = {};
      return {};
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::uint32_t Number(std::size_t size) {
    std::uint32_t value = 0;
    for (const char c : Bytes(size)) {
      value = value << 8U | static_cast<std::uint8_t>(c);
    }
    return value;
  }
  std::int32_t Int32() { return static_cast<std::int32_t>(Number(4)); }
  std::string_view Text() {
    const std::size_t end = rest_.find('\0');
    const std::string_view text = Bytes(end == std::string_view::npos ? rest_.size() + 1 : end);
    Bytes(is_good_ ? 1 : 0);
    return text;
  }
  [[nodiscard]] bool is_good() const noexcept { return is_good_; }
  [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }

 private:
  std::string_view rest_;
  bool is_good_ = true;
};

void AppendLength(std::string& out, std::size_t value, std::size_t size) {
  for (std::size_t i = size; i > 0; --i) {
    out += static_cast<char>(value >> (8 * (i - 1)) & 0xffU);
  }
}

std::string Frame(char type, std::string_view body) {
  std::string message(1, type);
  message.reserve(1 + kLengthSize + body.size());
  AppendLength(message, kLengthSize + body.size(), kLengthSize);
  message += body;
  return message;
}

bool IsOctal(std::string_view text) {
  return text.size() == 3 && text.find_first_not_of("01234567") == std::string_view::npos;
}

// bytea in the form that bytea_output = escape gives: \\ and \ooo among plain bytes.
std::string HexOfEscaped(std::string_view text) {
  std::string hex;
  hex.reserve(text.size() * 2);
  for (std::size_t at = 0; at < text.size(); ++at) {
    auto byte = static_cast<std::uint8_t>(text[at]);
    if (text[at] == '\\' && IsOctal(text.substr(at + 1, 3))) {
      unsigned value = 0;
      std::from_chars(text.data() + at + 1, text.data() + at + 4, value, 8);
      byte = static_cast<std::uint8_t>(value);
      at += 3;
    } else if (text.substr(at, 2) == R"(\\)") {
      ++at;
    }
    hex += kHexDigits[byte >> 4U];
    hex += kHexDigits[byte & 0xfU];
  }
  return hex;
}

void AppendCell(sql::CellType type, std::string_view text, sql::Rows& rows) {
  if (type == sql::CellType::kBoolean && (text == "t" || text == "f")) {
    rows.Add(type, text == "t" ? "true" : "false");
  } else if (type == sql::CellType::kBytes && text.starts_with("\\x")) {
    rows.Add(type, text.substr(2));
  } else if (type == sql::CellType::kBytes) {
    rows.Add(type, HexOfEscaped(text));
  } else {
    rows.Add(type, text);
  }
}

void SetField(Report& report, char kind, std::string_view value) {
  switch (kind) {
    case 'S': report.severity = report.severity.empty() ? value : report.severity; break;
    case 'V': report.severity = value; break;
    case 'C': report.code = value; break;
    case 'M': report.message = value; break;
    case 'D': report.detail = value; break;
    case 'H': report.hint = value; break;
    case 'P': {
      std::size_t position = 0;
      const auto read = std::from_chars(value.data(), value.data() + value.size(), position);
      if (read.ec == std::errc() && position > 0) {
        report.position = position;
      }
      break;
    }
    default: break;
  }
}

}  // namespace

std::optional<std::vector<FieldDescription>> ParseRowDescription(std::string_view body) {
  constexpr std::size_t kSmallestField = 19;  // an empty name and the numbers after it
  Reader reader(body);
  const std::size_t count = reader.Number(2);
  if (count * kSmallestField > body.size()) {
    return std::nullopt;
  }
  std::vector<FieldDescription> fields;
  fields.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    FieldDescription field;
    field.name = reader.Text();
    reader.Bytes(6);  // which table, which column of it
    field.type = reader.Number(4);
    reader.Bytes(2);  // the size
    field.modifier = reader.Int32();
    reader.Bytes(2);  // the format, always text
    fields.push_back(std::move(field));
  }
  return reader.is_good() && reader.at_end() ? std::optional(std::move(fields)) : std::nullopt;
}

std::optional<Report> ParseReport(std::string_view body) {
  Reader reader(body);
  Report report;
  for (;;) {
    const auto kind = static_cast<char>(reader.Number(1));
    if (kind == '\0') {
      break;
    }
    SetField(report, kind, reader.Text());
  }
  return reader.is_good() ? std::optional(std::move(report)) : std::nullopt;
}

std::string_view ParseText(std::string_view body) { return body.substr(0, body.find('\0')); }

bool AppendDataRow(std::string_view body,
                   const std::vector<sql::Column>& columns,
                   sql::Rows& rows) {
  Reader reader(body);
  if (reader.Number(2) != columns.size()) {
    return false;
  }
  for (const sql::Column& column : columns) {
    const std::int32_t size = reader.Int32();
    if (size < 0) {
      rows.AddNull();
    } else {
      AppendCell(column.cell_type, reader.Bytes(static_cast<std::size_t>(size)), rows);
    }
  }
  return reader.is_good() && reader.at_end();
}

sql::CommandResult ReadTag(std::string_view tag) {
  constexpr std::array<std::string_view, 5> kChanging{"INSERT ", "UPDATE ", "DELETE ", "MERGE ",
                                                      "COPY "};
  sql::CommandResult result{.tag = std::string(tag)};
  for (const std::string_view verb : kChanging) {
    if (tag.starts_with(verb)) {
      const std::string_view number = tag.substr(tag.rfind(' ') + 1);
      std::uint64_t count = 0;
      const auto read = std::from_chars(number.data(), number.data() + number.size(), count);
      if (read.ec == std::errc()) {
        result.affected_rows = count;
      }
    }
  }
  return result;
}

std::string QueryMessage(std::string_view sql) {
  std::string body(sql);
  body += '\0';
  return Frame('Q', body);
}

std::string SingleStatementMessages(std::string_view sql) {
  std::string parse(1, '\0');  // no name
  parse += sql;
  parse += '\0';
  parse.append(2, '\0');                   // no parameters' types
  const std::string bind(8, '\0');         // no names, formats, values
  const std::string describe("P\0", 2);    // the portal
  const std::string execute(1 + 4, '\0');  // all its rows
  return Frame('P', parse) + Frame('B', bind) + Frame('D', describe) + Frame('E', execute) +
         Frame('S', {});
}

std::string CopyFailMessage(std::string_view reason) {
  std::string body(reason);
  body += '\0';
  return Frame('f', body);
}

std::string TerminateMessage() { return Frame('X', {}); }

}  // namespace paddock::engines::postgres
