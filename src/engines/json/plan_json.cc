#include "engines/json/plan_json.h"

#include <charconv>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace paddock::engines {

Result<boost::json::value> ParsePlan(std::string_view text) {
  if (text.size() > kPlanBytesMax) {
    return Fail(Code::kUnavailable, "the database's plan is too large to be shown");
  }
  boost::json::parse_options options;
  options.max_depth = kPlanDepthMax;
  boost::system::error_code failure;
  boost::json::value value = boost::json::parse(text, failure, {}, options);
  if (failure) {
    return Fail(Code::kUnavailable, "the database's plan cannot be read: " + failure.message());
  }
  return value;
}

std::optional<double> NumberOf(const boost::json::object& object, std::string_view key) {
  const boost::json::value* value = object.if_contains(key);
  if (value == nullptr) {
    return std::nullopt;
  }
  if (value->is_number()) {
    return value->to_number<double>();
  }
  if (value->is_string()) {
    const std::string_view text = value->get_string();
    double number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec == std::errc() && read.ptr == text.data() + text.size()) {
      return number;
    }
  }
  return std::nullopt;
}

std::string TextOf(const boost::json::value& value) {
  return value.is_string() ? std::string(std::string_view(value.get_string()))
                           : boost::json::serialize(value);
}

std::string TextOf(const boost::json::object& object, std::string_view key) {
  const boost::json::value* value = object.if_contains(key);
  return value == nullptr ? "" : TextOf(*value);
}

}  // namespace paddock::engines
