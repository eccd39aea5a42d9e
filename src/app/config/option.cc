#include "app/config/option.h"

#include <algorithm>

#include <fmt/ranges.h>

namespace paddock::app::config {

std::string VariableOf(std::string_view name) {
  std::string variable = "PADDOCK_";
  for (const char letter : name) {
    const bool is_small = letter >= 'a' && letter <= 'z';
    variable += letter == '-' ? '_' : static_cast<char>(is_small ? letter - 'a' + 'A' : letter);
  }
  return variable;
}

std::string_view VerbOf(Process process) noexcept {
  return Overlap(process, Process::kServer)   ? "serve"
         : Overlap(process, Process::kNode)   ? "node"
         : Overlap(process, Process::kRunner) ? "runner"
                                              : "question-service";
}

bool HoldsSecret(const Option& option, const Texts& value) {
  switch (option.secrecy) {
    case Secrecy::kPublic: return false;
    case Secrecy::kSecret:
      return std::ranges::any_of(value, [](const std::string& text) { return !text.empty(); });
    case Secrecy::kPassword:
      return std::ranges::any_of(
          value, [](const std::string& text) { return WithoutPassword(text) != text; });
  }
  return true;
}

std::string Shown(const Option& option, const Texts& value) {
  if (option.secrecy == Secrecy::kSecret) {
    return HoldsSecret(option, value) ? "(set)" : "";
  }
  if (option.secrecy == Secrecy::kPassword && !value.empty()) {
    return WithoutPassword(value.front());
  }
  return fmt::format("{}", fmt::join(value, ","));
}

std::string WithoutPassword(std::string_view url) {
  constexpr std::string_view kHidden = "***";
  if (url.starts_with("sqlite:")) {
    return std::string(url);
  }
  const auto scheme_end = url.find("://");
  const auto start = scheme_end == std::string_view::npos ? 0 : scheme_end + 3;
  const auto at = url.rfind('@');
  // A password may have any of these characters in it, so that all up to the last '@' counts.
  const auto end = at == std::string_view::npos || at < start ? start : at;
  std::string shown(url.substr(0, start));
  const auto user = url.substr(start, end - start);
  const auto rest = url.substr(end);
  const auto password = user.find_first_of(":?/#");
  if (password != std::string_view::npos) {
    shown += fmt::format("{}{}", user.substr(0, password + 1), kHidden);
    if (user[password] != ':') {
      return shown;  // an '@' in the query or in the path: what follows may be secret still
    }
  } else {
    shown += user;
  }
  const auto query = rest.find_first_of("?#");
  shown += rest.substr(0, query);
  if (query != std::string_view::npos) {
    shown += fmt::format("{}{}", rest[query], kHidden);
  }
  return shown;
}

}  // namespace paddock::app::config
