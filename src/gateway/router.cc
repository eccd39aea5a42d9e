#include "gateway/router.h"

#include <algorithm>

#include "base/check.h"

namespace paddock::gateway {

struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> children;
  std::unique_ptr<Node> any;  // the {parameter} child
  std::string parameter;      // its name
  std::vector<const Route*> routes;

  [[nodiscard]] const Route* Of(Method method) const noexcept {
    const auto found = std::ranges::find(routes, method, &Route::method);
    return found == routes.end() ? nullptr : *found;
  }
};

namespace {

constexpr std::string_view kApiPrefix = "/api/";

/// Takes the first segment off `path`, which starts with '/'.
std::string_view TakeSegment(std::string_view& path) noexcept {
  path.remove_prefix(1);
  const auto end = std::min(path.find('/'), path.size());
  const std::string_view segment = path.substr(0, end);
  path.remove_prefix(end);
  return segment;
}

Response AnswerNotFound(const Request& request) {
  return StatusResponse(request, 404, "There is nothing here.");
}

}  // namespace

Router::Router() : root_(std::make_unique<Node>()), fallback_(AnswerNotFound) {}
Router::~Router() = default;

void Router::Add(Route route) {
  const Route* owned = routes_.emplace_back(std::make_unique<Route>(std::move(route))).get();
  std::string_view rest = owned->pattern;
  PADDOCK_CHECK(!rest.empty() && rest.front() == '/');
  PADDOCK_CHECK(!rest.starts_with(kApiPrefix) ||
                (owned->access == Access::kUser) == owned->action.has_value());
  Node* node = root_.get();
  while (!rest.empty()) {
    const std::string_view segment = TakeSegment(rest);
    std::unique_ptr<Node>* next = nullptr;
    if (segment.size() > 2 && segment.front() == '{' && segment.back() == '}') {
      const std::string_view name = segment.substr(1, segment.size() - 2);
      PADDOCK_CHECK(node->any == nullptr || node->parameter == name);
      node->parameter = name;
      next = &node->any;
    } else {
      next = &node->children[std::string(segment)];
    }
    if (*next == nullptr) {
      *next = std::make_unique<Node>();
    }
    node = next->get();
  }
  PADDOCK_CHECK(node->Of(owned->method) == nullptr);
  PADDOCK_CHECK((owned->handler == nullptr) != (owned->answer == nullptr));
  node->routes.push_back(owned);
}

// No backtracking: an exact segment that matches is never given up for a parameter, so the cost is
// one look-up per segment whatever the path.
Router::Match Router::Find(Method method, std::string_view path, Parameters reused) const {
  reused.clear();
  Match match{.parameters = std::move(reused)};
  const Node* node = root_.get();
  while (!path.empty()) {
    const std::string_view segment = TakeSegment(path);
    const auto exact = node->children.find(segment);
    if (exact != node->children.end()) {
      node = exact->second.get();
    } else if (node->any != nullptr && !segment.empty()) {
      match.parameters.emplace_back(node->parameter, segment);
      node = node->any.get();
    } else {
      return Match{};
    }
  }
  match.route = node->Of(method);
  if (match.route == nullptr && method == Method::kHead) {
    match.route = node->Of(Method::kGet);
  }
  if (match.route == nullptr) {
    for (const Route* route : node->routes) {
      match.allowed.push_back(route->method);
    }
  }
  return match;
}

}  // namespace paddock::gateway
