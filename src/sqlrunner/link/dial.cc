#include "sqlrunner/link/dial.h"

#include <limits>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "base/json_writer.h"

namespace paddock::sqlrunner {
namespace json = boost::json;

namespace {

constexpr std::size_t kDepthMax = 3;

std::unexpected<Error> Nonsense() {
  return Fail(Code::kInvalid, "a dial message that makes no sense");
}

Result<json::value> ParseObject(std::string_view payload) {
  json::parse_options options;
  options.max_depth = kDepthMax;
  boost::system::error_code failure;
  json::value document =
      payload.size() > kDialBytesMax ? json::value() : json::parse(payload, failure, {}, options);
  if (failure || !document.is_object()) {
    return Nonsense();
  }
  return document;
}

std::string TextOf(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::optional<std::uint64_t> NumberOf(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_number()) {
    return std::nullopt;
  }
  boost::system::error_code failure;
  const auto number = value->to_number<std::uint64_t>(failure);
  return failure ? std::nullopt : std::optional(number);
}

void WriteAddress(JsonWriter& out, const ExternalAddress& address) {
  out.Key("address").BeginObject();
  out.Field("engine", address.engine).Field("host", address.host).Field("port", address.port);
  out.Field("database", address.database).Field("user", address.user);
  out.Field("password", address.password).Field("tls", address.tls).EndObject();
}

Result<ExternalAddress> ReadAddress(const json::object& object) {
  const auto port = NumberOf(object, "port");
  if (!port || *port > std::numeric_limits<std::uint16_t>::max()) {
    return Nonsense();
  }
  return ExternalAddress{.engine = TextOf(object, "engine"),
                         .host = TextOf(object, "host"),
                         .port = static_cast<std::uint16_t>(*port),
                         .database = TextOf(object, "database"),
                         .user = TextOf(object, "user"),
                         .password = TextOf(object, "password"),
                         .tls = TextOf(object, "tls")};
}

}  // namespace

std::string EncodeDialRequest(const DialRequest& request) {
  JsonWriter out;
  out.BeginObject().Field("number", request.number);
  if (request.external.empty()) {
    out.Field("sandbox", request.sandbox).Field("target", request.target);
  } else {
    out.Field("external", request.external);
  }
  out.EndObject();
  return std::move(out).Take();
}

std::string EncodeDialAnswer(const DialAnswer& answer) {
  JsonWriter out;
  out.BeginObject().Field("number", answer.number);
  if (answer.refusal) {
    out.Field("code", static_cast<int>(answer.refusal->code));
    out.Field("message", answer.refusal->message);
  }
  if (answer.address) {
    WriteAddress(out, *answer.address);
  }
  out.EndObject();
  return std::move(out).Take();
}

Result<DialRequest> DecodeDialRequest(std::string_view payload) {
  auto document = ParseObject(payload);
  if (!document) {
    return Fail(std::move(document).error());
  }
  const json::object& object = document->get_object();
  const auto number = NumberOf(object, "number");
  DialRequest request{.number = number.value_or(0),
                      .sandbox = TextOf(object, "sandbox"),
                      .target = TextOf(object, "target"),
                      .external = TextOf(object, "external")};
  if (!number || request.sandbox.empty() == request.external.empty()) {
    return Nonsense();
  }
  return request;
}

Result<DialAnswer> DecodeDialAnswer(std::string_view payload) {
  auto document = ParseObject(payload);
  if (!document) {
    return Fail(std::move(document).error());
  }
  const json::object& object = document->get_object();
  const auto number = NumberOf(object, "number");
  if (!number) {
    return Nonsense();
  }
  DialAnswer answer{.number = *number, .refusal = std::nullopt, .address = std::nullopt};
  if (const auto code = NumberOf(object, "code")) {
    if (*code > static_cast<std::uint64_t>(kLastCode)) {
      return Nonsense();
    }
    answer.refusal = Error{.code = static_cast<Code>(*code), .message = TextOf(object, "message")};
  }
  const json::value* address = object.if_contains("address");
  if (address != nullptr && address->is_object()) {
    auto read = ReadAddress(address->get_object());
    if (!read) {
      return Fail(std::move(read).error());
    }
    answer.address = *std::move(read);
  }
  return answer;
}

}  // namespace paddock::sqlrunner
