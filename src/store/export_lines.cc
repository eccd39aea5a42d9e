#include "store/export_lines.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <variant>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/encoding.h"

namespace paddock::store {
namespace json = boost::json;

namespace {

constexpr std::size_t kDepthMax = 4;

struct ToJson {
  json::value operator()(std::monostate) const { return nullptr; }
  json::value operator()(std::int64_t number) const { return number; }
  json::value operator()(double number) const { return number; }
  json::value operator()(const std::string& text) const { return json::string(text); }
  json::value operator()(const Bytes& bytes) const {
    return json::string(Base64Encode(bytes.bytes));
  }
};

Result<json::value> Parse(std::string_view line) {
  json::parse_options options;
  options.max_depth = kDepthMax;
  json::error_code failure;
  auto value = json::parse(json::string_view(line.data(), line.size()), failure, {}, options);
  if (failure) {
    return Fail(Code::kInvalid, "this is not JSON: " + failure.message());
  }
  return value;
}

std::optional<Value> FromJson(ColumnType type, const json::value& value) {
  if (value.is_null()) {
    return Value();
  }
  if (type == ColumnType::kInteger) {
    return value.is_int64() ? std::optional<Value>(value.get_int64()) : std::nullopt;
  }
  if (type == ColumnType::kReal) {
    json::error_code failure;
    const double number = value.to_number<double>(failure);
    return failure ? std::nullopt : std::optional<Value>(number);
  }
  if (!value.is_string()) {
    return std::nullopt;
  }
  const auto& text = value.get_string();
  if (type == ColumnType::kText) {
    return std::string(text);
  }
  auto bytes = Base64Decode(text);
  return bytes ? std::optional<Value>(Bytes{*std::move(bytes)}) : std::nullopt;
}

std::optional<std::int64_t> IntegerOf(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_int64() ? std::optional(value->get_int64()) : std::nullopt;
}

std::optional<std::string> TextOf(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::optional(std::string(value->get_string()))
                                                : std::nullopt;
}

Result<ExportLine> ReadRow(const json::array& values) {
  if (values.empty() || !values.front().is_string()) {
    return Fail(Code::kInvalid, "a row begins with the name of its table");
  }
  const std::string_view name = values.front().get_string();
  const auto table = std::ranges::find(Tables(), name, &Table::name);
  if (table == Tables().end()) {
    return Fail(Code::kInvalid, fmt::format("there is no table '{}'", name.substr(0, 64)));
  }
  if (values.size() != table->columns.size() + 1) {
    return Fail(Code::kInvalid, fmt::format("a row of {} has {} values, not {}", name,
                                            table->columns.size(), values.size() - 1));
  }
  ExportLine line{.table = &*table, .row = {}, .end = {}};
  for (std::size_t i = 0; i < table->columns.size(); ++i) {
    auto value = FromJson(table->columns[i].type, values[i + 1]);
    if (!value) {
      return Fail(Code::kInvalid,
                  fmt::format("{}.{} is of another type", name, table->columns[i].name));
    }
    line.row.push_back(*std::move(value));
  }
  return line;
}

Result<ExportLine> ReadEnd(const json::object& object) {
  const auto row_count = IntegerOf(object, "rows");
  auto checksum = TextOf(object, "sha256");
  if (!row_count || !checksum) {
    return Fail(Code::kInvalid, "the last line has rows and sha256");
  }
  ExportEnd end{.row_count = *row_count, .checksum = *std::move(checksum)};
  return ExportLine{.table = nullptr, .row = {}, .end = std::move(end)};
}

}  // namespace

std::string WriteHeader(const ExportHeader& header) {
  json::object counts;
  for (const auto& [table, count] : header.row_counts) {
    counts[table] = count;
  }
  const json::object object{{"paddock_store", header.format},
                            {"namespace", header.name_space},
                            {"schema_version", header.schema_version},
                            {"rows", std::move(counts)}};
  return json::serialize(object) + "\n";
}

std::string WriteEnd(const ExportEnd& end) {
  return json::serialize(json::object{{"rows", end.row_count}, {"sha256", end.checksum}}) + "\n";
}

std::string WriteRow(const Table& table, const Row& row) {
  json::array values;
  values.reserve(row.size() + 1);
  values.emplace_back(json::string_view(table.name.data(), table.name.size()));
  for (const Value& value : row) {
    values.push_back(std::visit(ToJson(), value));
  }
  return json::serialize(values) + "\n";
}

Result<ExportHeader> ReadHeader(std::string_view line) {
  auto value = Parse(line);
  const json::object* object = value ? value->if_object() : nullptr;
  const auto format = object == nullptr ? std::nullopt : IntegerOf(*object, "paddock_store");
  if (!format) {
    return Fail(Code::kInvalid, "this is no export of a Paddock store");
  }
  if (*format != 1) {
    return Fail(Code::kInvalid,
                fmt::format("the export has format {}, which this program does not know", *format));
  }
  const auto name_space = TextOf(*object, "namespace");
  const auto version = IntegerOf(*object, "schema_version");
  const auto* counts = object->if_contains("rows");
  if (!name_space || !version || counts == nullptr || !counts->is_object()) {
    return Fail(Code::kInvalid, "the first line lacks namespace, schema_version or rows");
  }
  ExportHeader header{
      .format = *format, .name_space = *name_space, .schema_version = *version, .row_counts = {}};
  for (const auto& entry : counts->get_object()) {
    if (!entry.value().is_int64() || entry.value().get_int64() < 0) {
      return Fail(Code::kInvalid, "a number of rows is none");
    }
    header.row_counts[std::string(entry.key())] = entry.value().get_int64();
  }
  return header;
}

Result<ExportLine> ReadExportLine(std::string_view line) {
  auto value = Parse(line);
  if (!value) {
    return Fail(std::move(value).error());
  }
  if (const auto* values = value->if_array()) {
    return ReadRow(*values);
  }
  if (const auto* object = value->if_object()) {
    return ReadEnd(*object);
  }
  return Fail(Code::kInvalid, "a line is a row or the end");
}

}  // namespace paddock::store
