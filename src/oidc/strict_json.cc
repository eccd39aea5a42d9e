#include "oidc/strict_json.h"

#include <cstdint>
#include <set>
#include <utility>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse.hpp>

namespace paddock::oidc {
namespace json = boost::json;

namespace {

/// Builds nothing: it only looks for a member that an open object has already.
class DuplicateFinder {
 public:
  // NOLINTBEGIN(readability-identifier-naming): the names that the parser asks for
  static constexpr std::size_t max_object_size = kJsonMembersMax;
  static constexpr std::size_t max_array_size = kJsonMembersMax;
  static constexpr std::size_t max_key_size = 1024;
  static constexpr std::size_t max_string_size = json::string::max_size();
  // NOLINTEND(readability-identifier-naming)

  bool on_document_begin(json::error_code& /*failure*/) { return true; }
  bool on_document_end(json::error_code& /*failure*/) { return true; }
  bool on_object_begin(json::error_code& /*failure*/) {
    open_.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t /*count*/, json::error_code& /*failure*/) {
    open_.pop_back();
    return true;
  }
  bool on_array_begin(json::error_code& /*failure*/) { return true; }
  bool on_array_end(std::size_t /*count*/, json::error_code& /*failure*/) { return true; }
  bool on_key_part(json::string_view part, std::size_t /*size*/, json::error_code& /*failure*/) {
    key_.append(part.data(), part.size());
    return true;
  }
  bool on_key(json::string_view part, std::size_t /*size*/, json::error_code& failure) {
    key_.append(part.data(), part.size());
    const bool is_new = open_.back().insert(std::exchange(key_, {})).second;
    if (!is_new) {
      failure = json::make_error_code(json::error::syntax);
    }
    return is_new;
  }
  bool on_string_part(json::string_view /*part*/, std::size_t /*size*/, json::error_code& /*f*/) {
    return true;
  }
  bool on_string(json::string_view /*part*/, std::size_t /*size*/, json::error_code& /*failure*/) {
    return true;
  }
  bool on_number_part(json::string_view /*part*/, json::error_code& /*failure*/) { return true; }
  bool on_int64(std::int64_t /*value*/, json::string_view /*text*/, json::error_code& /*failure*/) {
    return true;
  }
  bool on_uint64(std::uint64_t /*value*/, json::string_view /*text*/, json::error_code& /*f*/) {
    return true;
  }
  bool on_double(double /*value*/, json::string_view /*text*/, json::error_code& /*failure*/) {
    return true;
  }
  bool on_bool(bool /*value*/, json::error_code& /*failure*/) { return true; }
  bool on_null(json::error_code& /*failure*/) { return true; }
  bool on_comment_part(json::string_view /*part*/, json::error_code& /*failure*/) { return true; }
  bool on_comment(json::string_view /*part*/, json::error_code& /*failure*/) { return true; }

 private:
  std::vector<std::set<std::string, std::less<>>> open_;  // the keys of each object around
  std::string key_;
};

bool IsUnambiguous(std::string_view text, const json::parse_options& options) {
  json::basic_parser<DuplicateFinder> parser(options);
  json::error_code failure;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), failure);
  return !failure && used == text.size();
}

}  // namespace

Result<json::object> ParseStrictJson(std::string_view text, std::size_t bytes_max) {
  if (text.size() > bytes_max) {
    return Fail(Code::kInvalid, "the JSON is too long");
  }
  json::parse_options options;
  options.max_depth = kJsonDepthMax;
  if (!IsUnambiguous(text, options)) {
    return Fail(Code::kInvalid, "it is no JSON, is too deep or too wide, or names a member twice");
  }
  json::error_code failure;
  json::value document = json::parse(text, failure, {}, options);
  if (failure || !document.is_object()) {
    return Fail(Code::kInvalid, "it is no JSON object");
  }
  return std::move(document.get_object());
}

namespace {

std::optional<std::string> TextOf(const json::value& value, std::size_t bytes_max) {
  const json::string* text = value.if_string();
  if (text == nullptr || text->size() > bytes_max) {
    return std::nullopt;
  }
  return std::string(text->data(), text->size());
}

}  // namespace

std::optional<std::string> TextMember(const json::object& object,
                                      std::string_view name,
                                      std::size_t bytes_max) {
  const json::value* value = object.if_contains(name);
  return value == nullptr ? std::nullopt : TextOf(*value, bytes_max);
}

std::vector<std::string> TextsOf(const json::value& value,
                                 std::size_t count_max,
                                 std::size_t bytes_max) {
  std::vector<std::string> texts;
  const auto add = [&](const json::value& element) {
    auto text = TextOf(element, bytes_max);
    if (text && texts.size() < count_max) {
      texts.push_back(*std::move(text));
    }
  };
  if (const json::array* array = value.if_array()) {
    for (const json::value& element : *array) {
      add(element);
    }
  } else {
    add(value);
  }
  return texts;
}

}  // namespace paddock::oidc
