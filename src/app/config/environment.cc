#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "app/config/sources.h"
#include "app/config/values.h"

namespace paddock::app::config {
namespace {

constexpr std::string_view kPrefix = "PADDOCK_";
constexpr std::string_view kTestPrefix = "PADDOCK_TEST_";

/// "memory-max-mib" of "PADDOCK_MEMORY_MAX_MIB".
std::string NameOf(std::string_view variable) {
  std::string name(variable.substr(kPrefix.size()));
  for (char& letter : name) {
    const bool is_capital = letter >= 'A' && letter <= 'Z';
    letter = letter == '_' ? '-' : static_cast<char>(is_capital ? letter - 'A' + 'a' : letter);
  }
  return name;
}

void ReadVariable(const OptionSet& set,
                  std::string_view variable,
                  std::string_view value,
                  Reading& reading) {
  const std::string name = NameOf(variable);
  const Option* option = set.Find(name);
  if (option == nullptr || option->reach == Reach::kFlag || VariableOf(name) != variable) {
    reading.warnings.push_back(fmt::format("{}: no option is read from this variable{}",
                                           Printable(variable), set.Suggestion(name)));
    return;
  }
  Texts texts = option->kind == Kind::kList ? SplitList(value) : Texts{std::string(value)};
  reading.settings.push_back(
      {.name = name, .texts = std::move(texts), .origin = std::string(variable)});
}

}  // namespace

Reading ReadEnvironment(const OptionSet& set, std::span<const std::string> entries) {
  Reading reading;
  for (const std::string_view entry : entries) {
    const auto equals = entry.find('=');
    if (!entry.starts_with(kPrefix) || entry.starts_with(kTestPrefix) ||
        equals == std::string_view::npos || equals + 1 == entry.size()) {
      continue;
    }
    ReadVariable(set, entry.substr(0, equals), entry.substr(equals + 1), reading);
  }
  return reading;
}

}  // namespace paddock::app::config
