#include "agent/services.h"

#include <algorithm>

namespace paddock::agent {

namespace {

constexpr std::string_view kDefaultPath =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

bool Has(const std::vector<std::string>& environment, std::string_view prefix) {
  return std::ranges::any_of(
      environment, [prefix](const std::string& entry) { return entry.starts_with(prefix); });
}

void Set(std::vector<std::string>& environment, std::string_view name, std::string_view value) {
  const auto prefix = std::string(name) + "=";
  std::erase_if(environment,
                [&prefix](const std::string& entry) { return entry.starts_with(prefix); });
  environment.push_back(prefix + std::string(value));
}

}  // namespace

std::vector<std::string> MakeEnvironment(const Services& services,
                                         const User& user,
                                         const protocol::Environment& added) {
  auto environment = services.environment;
  Set(environment, "HOME", user.home);
  Set(environment, "USER", user.name);
  Set(environment, "LOGNAME", user.name);
  Set(environment, "SHELL", user.shell);
  if (!Has(environment, "PATH=")) {
    Set(environment, "PATH", kDefaultPath);
  }
  for (const auto& [name, value] : added) {
    Set(environment, name, value);
  }
  return environment;
}

}  // namespace paddock::agent
