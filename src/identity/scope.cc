#include "identity/scope.h"

#include <algorithm>
#include <array>
#include <utility>

namespace paddock::identity {
namespace {

using Named = std::pair<Scope, std::string_view>;

constexpr auto kNames = std::to_array<Named>({
    {Scope::kWriteResource, "write:resource"},
    {Scope::kChallenge, "challenge"},
    {Scope::kReadSchema, "read:schema"},
    {Scope::kReadQuestion, "read:question"},
    {Scope::kReadSolution, "read:solution"},
    {Scope::kManageClass, "manage:class"},
    {Scope::kManageServer, "manage:server"},
});

}  // namespace

std::string_view Name(Scope scope) noexcept {
  const auto* const found = std::ranges::find(kNames, scope, &Named::first);
  return found == kNames.end() ? std::string_view("unknown") : found->second;
}

std::optional<Scope> ParseScope(std::string_view name) noexcept {
  const auto* const found = std::ranges::find(kNames, name, &Named::second);
  return found == kNames.end() ? std::nullopt : std::optional(found->first);
}

std::string ToText(ScopeSet scopes) {
  std::string text;
  for (const auto& [scope, name] : kNames) {
    if (scopes.Has(scope)) {
      text.append(text.empty() ? "" : " ").append(name);
    }
  }
  return text;
}

ScopeSet ParseScopes(std::string_view text) {
  ScopeSet scopes;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    const auto scope = ParseScope(text.substr(0, end));
    if (scope) {
      scopes.Add(*scope);
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return scopes;
}

}  // namespace paddock::identity
