#include "sqlrunner/client_message.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

namespace paddock::sqlrunner {
namespace json = boost::json;

namespace {

constexpr std::size_t kDepthMax = 8;
constexpr std::uint64_t kNumberMax = (std::uint64_t{1} << 53U) - 1;
constexpr std::size_t kNameBytesMax = 1'024;  // of a database, a user, a password
constexpr std::size_t kContainsBytesMax = 4'096;
constexpr std::uint64_t kColumnMax = 100'000;

/// Reads members of one object; the first that is wrong is kept, and then only fallbacks come.
class Reader {
 public:
  explicit Reader(const json::object& object) : object_(object) {}

  std::uint64_t Number(std::string_view name, std::uint64_t min, std::uint64_t max) {
    const auto value = OptionalNumber(name, min, max);
    if (!value) {
      Reject(fmt::format("{} must be an integer from {} to {}", name, min, max));
    }
    return value.value_or(min);
  }

  std::optional<std::uint64_t> OptionalNumber(std::string_view name,
                                              std::uint64_t min,
                                              std::uint64_t max) {
    const json::value* value = Find(name);
    if (value == nullptr) {
      return std::nullopt;
    }
    boost::system::error_code failure;
    const auto number = value->is_number() ? value->to_number<std::uint64_t>(failure) : max + 1;
    if (failure || number < min || number > max) {
      Reject(fmt::format("{} must be an integer from {} to {}", name, min, max));
      return min;
    }
    return number;
  }

  bool Boolean(std::string_view name, bool fallback) {
    const json::value* value = Find(name);
    if (value == nullptr) {
      return fallback;
    }
    if (!value->is_bool()) {
      Reject(fmt::format("{} must be true or false", name));
      return fallback;
    }
    return value->get_bool();
  }

  std::optional<std::string> OptionalText(std::string_view name, std::size_t bytes_max) {
    const json::value* value = Find(name);
    if (value == nullptr) {
      return std::nullopt;
    }
    if (!value->is_string() || value->get_string().size() > bytes_max) {
      Reject(fmt::format("{} must be a text of at most {} bytes", name, bytes_max));
      return std::string();
    }
    return std::string(value->get_string());
  }

  std::string Text(std::string_view name, std::size_t bytes_max) {
    auto value = OptionalText(name, bytes_max);
    if (!value) {
      Reject(fmt::format("{} is missing", name));
    }
    return std::move(value).value_or(std::string());
  }

  /// The same for what is handed to C interfaces.
  std::string Name(std::string_view name) {
    auto value = OptionalText(name, kNameBytesMax).value_or(std::string());
    if (value.find('\0') != std::string::npos) {
      Reject(fmt::format("{} must not contain a zero byte", name));
    }
    return value;
  }

  std::vector<Reader> Objects(std::string_view name, std::size_t count_max) {
    const json::value* value = Find(name);
    std::vector<Reader> objects;
    if (value == nullptr) {
      return objects;
    }
    if (!value->is_array() || value->get_array().size() > count_max ||
        !std::ranges::all_of(value->get_array(), [](const auto& one) { return one.is_object(); })) {
      Reject(fmt::format("{} must be a list of at most {} objects", name, count_max));
      return objects;
    }
    for (const json::value& one : value->get_array()) {
      objects.emplace_back(one.get_object());
    }
    return objects;
  }

  void Reject(std::string message) {
    if (problem_.empty()) {
      problem_ = std::move(message);
    }
  }
  void Adopt(const Reader& inner) {
    if (!inner.problem_.empty()) {
      Reject(inner.problem_);
    }
  }
  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }

 private:
  [[nodiscard]] const json::value* Find(std::string_view name) const {
    const json::value* value = object_.if_contains(name);
    return value == nullptr || value->is_null() ? nullptr : value;
  }

  const json::object& object_;
  std::string problem_;
};

Arrangement ReadArrangement(Reader& from) {
  Arrangement arrangement;
  for (Reader& one : from.Objects("sort", kSortColumnsMax)) {
    arrangement.sort.push_back({.column = one.Number("column", 0, kColumnMax),
                                .descending = one.Boolean("descending", false)});
    from.Adopt(one);
  }
  for (Reader& one : from.Objects("filter", kFiltersMax)) {
    arrangement.filter.push_back({.column = one.Number("column", 0, kColumnMax),
                                  .contains = one.Text("contains", kContainsBytesMax)});
    from.Adopt(one);
  }
  return arrangement;
}

MessageBody ReadOpen(Reader& from) {
  OpenMessage open;
  open.sandbox = from.Name("sandbox");
  open.external = from.Name("external");
  if (open.sandbox.empty() == open.external.empty()) {
    from.Reject("one of sandbox and external must be named");
  }
  if (open.external.empty()) {
    const auto engine = sql::ParseDialect(from.Name("engine"));
    if (!engine) {
      from.Reject("engine must be postgres, mariadb, sqlite or kwdb");
    }
    open.engine = engine.value_or(sql::Dialect::kPostgres);
  }
  open.database = from.Name("database");
  open.user = from.Name("user");
  open.password = from.Name("password");
  constexpr std::uint64_t kPortMax = std::numeric_limits<std::uint16_t>::max();
  if (const auto port = from.OptionalNumber("port", 1, kPortMax)) {
    open.port = static_cast<std::uint16_t>(*port);
  }
  return open;
}

MessageBody ReadExecute(Reader& from) {
  return ExecuteMessage{.text = from.Text("text", kTextBytesMax),
                        .store = from.Boolean("store", false),
                        .rows_max = from.OptionalNumber("rows_max", 1, kNumberMax),
                        .stop_on_error = from.Boolean("stop_on_error", true)};
}

MessageBody ReadMore(Reader& from) { return MoreMessage{from.Number("rows", 1, kCreditRowsMax)}; }

MessageBody ReadView(Reader& from) {
  return ViewMessage{.result = from.Number("result", 0, kNumberMax),
                     .offset = from.Number("offset", 0, kNumberMax),
                     .limit = from.Number("limit", 1, kWindowRowsMax),
                     .arrangement = ReadArrangement(from)};
}

MessageBody ReadExport(Reader& from) {
  const std::string format = from.Text("format", kNameBytesMax);
  if (format != "csv" && format != "json") {
    from.Reject("format must be csv or json");
  }
  return ExportMessage{.result = from.Number("result", 0, kNumberMax),
                       .format = format == "csv" ? ExportFormat::kCsv : ExportFormat::kJson,
                       .arrangement = ReadArrangement(from)};
}

MessageBody ReadDrop(Reader& from) { return DropMessage{from.Number("result", 0, kNumberMax)}; }

MessageBody ReadComplete(Reader& from) {
  CompleteMessage complete{.text = from.Text("text", kTextBytesMax), .position = 0};
  complete.position = from.Number("position", 0, kTextBytesMax);
  if (complete.position > complete.text.size()) {
    from.Reject("position must lie in the text");
  }
  return complete;
}

MessageBody ReadExplain(Reader& from) {
  return ExplainMessage{.text = from.Text("text", kTextBytesMax),
                        .analyze = from.Boolean("analyze", false)};
}

struct MessageType {
  std::string_view name;
  bool has_id;
  MessageBody (*read)(Reader& from);
};

constexpr auto kTypes = std::to_array<MessageType>({
    {"open", true, &ReadOpen},
    {"execute", true, &ReadExecute},
    {"more", true, &ReadMore},
    {"cancel", false, [](Reader&) -> MessageBody { return CancelMessage{}; }},
    {"view", true, &ReadView},
    {"export", true, &ReadExport},
    {"drop", false, &ReadDrop},
    {"describe", true, [](Reader&) -> MessageBody { return DescribeMessage{}; }},
    {"complete", true, &ReadComplete},
    {"explain", true, &ReadExplain},
    {"close", false, [](Reader&) -> MessageBody { return CloseMessage{}; }},
});

std::expected<ClientMessage, BadMessage> ReadObject(const json::object& object) {
  Reader reader(object);
  const std::string type = reader.OptionalText("type", kNameBytesMax).value_or(std::string());
  const auto known = std::ranges::find(kTypes, type, &MessageType::name);
  const auto id = reader.OptionalNumber("id", 0, kNumberMax);
  if (!reader.problem().empty()) {
    return std::unexpected(BadMessage{.id = std::nullopt, .message = reader.problem()});
  }
  if (known == kTypes.end()) {
    return std::unexpected(
        BadMessage{.id = id, .message = "there is no such type of message: see type"});
  }
  if (known->has_id && !id) {
    return std::unexpected(BadMessage{.id = std::nullopt, .message = "id is missing"});
  }
  ClientMessage message{.id = id.value_or(0), .body = known->read(reader)};
  if (!reader.problem().empty()) {
    return std::unexpected(BadMessage{.id = id, .message = reader.problem()});
  }
  return message;
}

}  // namespace

std::expected<ClientMessage, BadMessage> ParseClientMessage(std::string_view text) {
  if (text.size() > kMessageBytesMax) {
    return std::unexpected(BadMessage{.id = std::nullopt, .message = "the message is too long"});
  }
  json::parse_options options;
  options.max_depth = kDepthMax;
  boost::system::error_code failure;
  json::monotonic_resource memory;
  const json::value document = json::parse(text, failure, &memory, options);
  if (failure || !document.is_object()) {
    return std::unexpected(
        BadMessage{.id = std::nullopt, .message = "a message must be one JSON object"});
  }
  return ReadObject(document.get_object());
}

}  // namespace paddock::sqlrunner
