#include "app/config/listing.h"

#include <algorithm>
#include <string_view>

#include <fmt/ranges.h>

namespace paddock::app::config {
namespace {

constexpr std::size_t kFlagColumnWidth = 38;

std::string_view SourceOf(const Option& option) {
  return option.origin.empty() ? "default" : std::string_view(option.origin);
}

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') {
      quoted += '\\';
    }
    quoted += letter;
  }
  return quoted + '"';
}

/// `texts` as TOML has them.
std::string Literal(Kind kind, const Texts& texts) {
  std::string first = texts.empty() ? "" : texts.front();
  switch (kind) {
    case Kind::kText: return Quoted(first);
    case Kind::kSwitch: return first == "on" ? "true" : "false";
    case Kind::kInteger:
    case Kind::kNumber: return first;
    case Kind::kList: break;
  }
  std::vector<std::string> items;
  std::ranges::transform(texts, std::back_inserter(items), Quoted);
  return fmt::format("[{}]", fmt::join(items, ", "));
}

std::string DefaultText(const Option& option) {
  return fmt::format("{}", fmt::join(option.initial, ","));
}

bool StandsInFile(const Option& option) { return option.reach == Reach::kEverywhere; }

}  // namespace

std::string HelpText(const OptionSet& set) {
  std::string text;
  std::string_view group;
  for (const Option& option : set.options()) {
    if (!set.IsForUs(option)) {
      continue;
    }
    if (option.group != group) {
      group = option.group;
      text += fmt::format("\n{}:\n", group);
    }
    const std::string flag = fmt::format("--{} {}", option.name, option.form);
    text += fmt::format("  {:<{}} {}", flag, kFlagColumnWidth, option.meaning);
    text += option.initial.empty() ? "\n" : fmt::format(" ({})\n", DefaultText(option));
  }
  return text;
}

std::string ValueTable(const OptionSet& set) {
  struct Row {
    std::string_view name;
    std::string value;
    std::string_view source;
  };
  std::vector<Row> rows{{.name = "OPTION", .value = "VALUE", .source = "FROM"}};
  for (const Option& option : set.options()) {
    if (!StandsInFile(option)) {
      continue;
    }
    const bool is_default = option.source == Source::kDefault;
    rows.push_back({.name = option.name,
                    .value = Shown(option, is_default ? option.initial : option.value),
                    .source = SourceOf(option)});
  }
  std::size_t name_width = 0;
  std::size_t value_width = 0;
  for (const Row& row : rows) {
    name_width = std::max(name_width, row.name.size());
    value_width = std::max(value_width, row.value.size());
  }
  std::string text;
  for (const Row& row : rows) {
    text += fmt::format("{:<{}}  {:<{}}  {}\n", row.name, name_width, row.value, value_width,
                        row.source);
  }
  return text;
}

std::string ExampleFile(const OptionSet& set) {
  std::string text =
      "# Paddock's configuration. What is commented out has the value that is shown, or none "
      "where\n"
      "# it says \"for example\". A flag, then a variable (PADDOCK_LISTEN for listen) comes "
      "before\n"
      "# this file. `paddock config` shows what is in force, `paddock config --check` what is "
      "wrong.\n";
  std::string_view group;
  for (const Option& option : set.options()) {
    if (!StandsInFile(option)) {
      continue;
    }
    if (option.group != group) {
      group = option.group;
      text += fmt::format("\n## {}\n", group);
    }
    const bool has_default = !option.initial.empty();
    const Texts example = option.example.empty() ? Texts() : Texts{option.example};
    text += fmt::format("\n# {}{}\n#{} = {}\n", option.meaning, has_default ? "" : "; for example",
                        option.name, Literal(option.kind, has_default ? option.initial : example));
  }
  return text;
}

std::string DocumentedRow(const Option& option) {
  const std::string initial =
      option.initial.empty() ? "" : fmt::format("`{}`", DefaultText(option));
  return fmt::format("| `{}` | {} | {} |", option.name, initial, option.meaning);
}

}  // namespace paddock::app::config
