#include "gateway/json_body.h"

#include <algorithm>
#include <array>
#include <list>
#include <utility>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace paddock::gateway {
namespace json = boost::json;

namespace {

constexpr std::size_t kDepthMax = 32;
constexpr std::size_t kNameShownMax = 64;  // of a field the client made up

std::string Shown(std::string_view name) {
  return std::string(name.substr(0, std::min(name.size(), kNameShownMax)));
}

}  // namespace

struct JsonObject::Node {
  JsonBody::State* state = nullptr;
  const json::object* object = nullptr;  // null: not there
  std::string prefix;                    // "limits." in front of the names of its fields
  std::vector<std::string> known;

  /// The value of `name`, or null when it is missing or null. Marks it as known.
  const json::value* Find(std::string_view name);
  void Fail(std::string_view name, std::string_view what);
};

struct JsonBody::State {
  // Of most bodies all values find room here.
  std::array<unsigned char, 1024> space{};
  json::monotonic_resource memory{space.data(), space.size()};
  json::value document = json::value(json::storage_ptr(&memory));
  std::list<JsonObject::Node> nodes;  // a list, because views point to them
  std::optional<Error> failure;
};

const json::value* JsonObject::Node::Find(std::string_view name) {
  known.emplace_back(name);
  if (object == nullptr) {
    return nullptr;
  }
  const json::value* value = object->if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

void JsonObject::Node::Fail(std::string_view name, std::string_view what) {
  if (!state->failure) {
    state->failure =
        Error{.code = Code::kInvalid, .message = fmt::format("{}{} {}", prefix, name, what)};
  }
}

bool JsonObject::present() const noexcept { return node_->object != nullptr; }

bool JsonObject::Has(std::string_view name) { return node_->Find(name) != nullptr; }

std::optional<std::int64_t> JsonObject::OptionalInteger(std::string_view name,
                                                        std::int64_t min,
                                                        std::int64_t max) {
  const json::value* value = node_->Find(name);
  if (value == nullptr) {
    return std::nullopt;
  }
  const std::int64_t* number = value->if_int64();
  if (number == nullptr || *number < min || *number > max) {
    node_->Fail(name, fmt::format("must be an integer from {} to {}", min, max));
    return std::nullopt;
  }
  return *number;
}

std::int64_t JsonObject::Integer(std::string_view name,
                                 std::int64_t fallback,
                                 std::int64_t min,
                                 std::int64_t max) {
  return OptionalInteger(name, min, max).value_or(fallback);
}

std::int64_t JsonObject::RequiredInteger(std::string_view name,
                                         std::int64_t min,
                                         std::int64_t max) {
  const auto number = OptionalInteger(name, min, max);
  if (!number) {
    node_->Fail(name, fmt::format("must be an integer from {} to {}", min, max));
  }
  return number.value_or(min);
}

bool JsonObject::Boolean(std::string_view name, bool fallback) {
  const json::value* value = node_->Find(name);
  if (value == nullptr) {
    return fallback;
  }
  if (!value->is_bool()) {
    node_->Fail(name, "must be true or false");
    return fallback;
  }
  return value->get_bool();
}

namespace {

/// What is wrong with `value` under `rule`, or "" when nothing is.
std::string TextProblem(const json::value& value, const TextRule& rule) {
  const json::string* text = value.if_string();
  if (text == nullptr) {
    return "must be a string";
  }
  if (text->size() < rule.bytes_min || text->size() > rule.bytes_max) {
    return fmt::format("must be a string of {} to {} bytes", rule.bytes_min, rule.bytes_max);
  }
  if (!rule.nul_allowed && text->find('\0') != json::string::npos) {
    return "must not contain a NUL character";
  }
  return {};
}

std::string TextOf(const json::value& value) { return std::string(value.get_string()); }

}  // namespace

std::optional<std::string> JsonObject::OptionalText(std::string_view name, TextRule rule) {
  const json::value* value = node_->Find(name);
  if (value == nullptr) {
    return std::nullopt;
  }
  if (const std::string problem = TextProblem(*value, rule); !problem.empty()) {
    node_->Fail(name, problem);
    return std::nullopt;
  }
  return TextOf(*value);
}

std::string JsonObject::RequiredText(std::string_view name, TextRule rule) {
  auto text = OptionalText(name, rule);
  if (!text) {
    node_->Fail(name, "is required and must be a string");
  }
  return std::move(text).value_or(std::string());
}

std::string JsonObject::Choice(std::string_view name,
                               std::string_view fallback,
                               const std::vector<std::string_view>& choices) {
  const json::value* value = node_->Find(name);
  if (value == nullptr) {
    return std::string(fallback);
  }
  const json::string* text = value->if_string();
  if (text == nullptr || std::ranges::find(choices, std::string_view(*text)) == choices.end()) {
    node_->Fail(name, fmt::format("must be one of: {}", fmt::join(choices, ", ")));
    return std::string(fallback);
  }
  return TextOf(*value);
}

std::optional<std::vector<std::string>> JsonObject::OptionalTexts(std::string_view name,
                                                                  std::size_t count_min,
                                                                  std::size_t count_max,
                                                                  TextRule rule) {
  const json::value* value = node_->Find(name);
  if (value == nullptr) {
    return std::nullopt;
  }
  const json::array* array = value->if_array();
  if (array == nullptr || array->size() < count_min || array->size() > count_max) {
    node_->Fail(name, fmt::format("must be an array of {} to {} strings", count_min, count_max));
    return std::nullopt;
  }
  std::vector<std::string> texts;
  for (const json::value& element : *array) {
    if (const std::string problem = TextProblem(element, rule); !problem.empty()) {
      node_->Fail(fmt::format("{}[{}]", name, texts.size()), problem);
      return std::nullopt;
    }
    texts.push_back(TextOf(element));
  }
  return texts;
}

std::map<std::string, std::string> JsonObject::TextMap(std::string_view name,
                                                       std::size_t count_max,
                                                       TextRule key_rule,
                                                       TextRule value_rule) {
  const json::value* value = node_->Find(name);
  if (value == nullptr) {
    return {};
  }
  const json::object* object = value->if_object();
  if (object == nullptr || object->size() > count_max) {
    node_->Fail(name, fmt::format("must be an object of at most {} strings", count_max));
    return {};
  }
  std::map<std::string, std::string> texts;
  for (const auto& [key, element] : *object) {
    if (const std::string problem = TextProblem(json::value(key), key_rule); !problem.empty()) {
      node_->Fail(name, "has a name that " + problem);
      return {};
    }
    if (const std::string problem = TextProblem(element, value_rule); !problem.empty()) {
      node_->Fail(fmt::format("{}.{}", name, Shown(key)), problem);
      return {};
    }
    texts.emplace(key, TextOf(element));
  }
  return texts;
}

JsonObject JsonObject::Object(std::string_view name) {
  const json::value* value = node_->Find(name);
  const json::object* object = value == nullptr ? nullptr : value->if_object();
  if (value != nullptr && object == nullptr) {
    node_->Fail(name, "must be an object");
  }
  auto prefix = fmt::format("{}{}.", node_->prefix, name);
  return JsonObject(&node_->state->nodes.emplace_back(
      Node{.state = node_->state, .object = object, .prefix = std::move(prefix), .known = {}}));
}

void JsonObject::Reject(std::string_view name, std::string_view what) { node_->Fail(name, what); }

JsonBody::JsonBody(std::unique_ptr<State> state) : state_(std::move(state)) {}
JsonBody::JsonBody(JsonBody&&) noexcept = default;
JsonBody& JsonBody::operator=(JsonBody&&) noexcept = default;
JsonBody::~JsonBody() = default;

Result<JsonBody> JsonBody::Parse(std::string_view text) {
  auto state = std::make_unique<State>();
  json::parse_options options;
  options.max_depth = kDepthMax;
  json::error_code failure;
  state->document = json::parse(text.empty() ? "{}" : text, failure, &state->memory, options);
  if (failure) {
    return Fail(Code::kInvalid, "the body is not valid JSON: " + failure.message());
  }
  const json::object* object = state->document.if_object();
  if (object == nullptr) {
    return Fail(Code::kInvalid, "the body must be a JSON object");
  }
  state->nodes.emplace_back(
      JsonObject::Node{.state = state.get(), .object = object, .prefix = "", .known = {}});
  return JsonBody(std::move(state));
}

JsonObject JsonBody::root() noexcept { return JsonObject(&state_->nodes.front()); }

Result<void> JsonBody::Finish() const {
  if (state_->failure) {
    return Fail(*state_->failure);
  }
  for (const JsonObject::Node& node : state_->nodes) {
    if (node.object == nullptr) {
      continue;
    }
    for (const auto& [name, value] : *node.object) {
      if (std::ranges::find(node.known, std::string_view(name)) == node.known.end()) {
        return Fail(Code::kInvalid,
                    fmt::format("{}{} is not a field of this request", node.prefix, Shown(name)));
      }
    }
  }
  return {};
}

}  // namespace paddock::gateway
