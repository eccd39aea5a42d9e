#include "gateway/routes/testing/description.h"

#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "base/check.h"
#include "yaml/document.h"

namespace paddock::gateway::testing {
namespace {

/// The value that `keys` lead to.
const yaml::Node& At(const yaml::Node& root, std::initializer_list<std::string_view> keys) {
  const yaml::Node* node = &root;
  for (const std::string_view key : keys) {
    node = node->Find(key);
    PADDOCK_CHECK(node != nullptr);
  }
  return *node;
}

std::string_view TakeSegment(std::string_view& path) {
  const auto end = std::min(path.find('/'), path.size());
  const auto segment = path.substr(0, end);
  path.remove_prefix(std::min(end + 1, path.size()));
  return segment;
}

/// Whether `path` is one of `pattern`'s; `is_exact` says that no {parameter} was needed.
bool Matches(std::string_view pattern, std::string_view path, bool& is_exact) {
  is_exact = true;
  while (!pattern.empty() && !path.empty()) {
    const auto wanted = TakeSegment(pattern);
    const auto given = TakeSegment(path);
    const bool is_parameter = wanted.starts_with('{') && !given.empty();
    if (!is_parameter && wanted != given) {
      return false;
    }
    is_exact = is_exact && !is_parameter;
  }
  return pattern.empty() && path.empty();
}

}  // namespace

Description::Description() {
  std::ifstream file(PADDOCK_OPENAPI);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto document = yaml::Parse(text, "openapi.yaml");
  if (!document) {
    fmt::print(stderr, "{}\n", document.error().message);
  }
  PADDOCK_CHECK(document.has_value());
  const std::map<std::string_view, std::string_view> methods{
      {"get", "GET"}, {"put", "PUT"}, {"post", "POST"}, {"patch", "PATCH"}, {"delete", "DELETE"}};
  for (const auto& path : At(*document, {"paths"}).entries) {
    for (const auto& operation : path.value.entries) {
      const auto method = methods.find(operation.key);
      if (method == methods.end()) {
        continue;  // "parameters"
      }
      auto& statuses = operations_[fmt::format("{} {}", method->second, path.key)];
      for (const auto& response : At(operation.value, {"responses"}).entries) {
        statuses.insert(response.key);
      }
    }
  }
  const auto& error = At(*document, {"components", "schemas", "Error", "properties", "code"});
  for (const auto& code : At(error, {"enum"}).items) {
    codes_.insert(code.scalar);
  }
}

const Description& Description::Get() {
  static const Description description;
  return description;
}

std::optional<std::string> Description::OperationOf(std::string_view method,
                                                    std::string_view target) const {
  const std::string prefix = fmt::format("{} ", method == "HEAD" ? "GET" : method);
  const auto path = target.substr(0, target.find('?'));
  std::optional<std::string> found;
  for (const auto& [operation, statuses] : operations_) {
    bool is_exact = false;
    if (operation.starts_with(prefix) &&
        Matches(std::string_view(operation).substr(prefix.size()), path, is_exact) &&
        (is_exact || !found)) {
      found = operation;
    }
  }
  return found;
}

}  // namespace paddock::gateway::testing
