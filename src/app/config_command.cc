#include "app/config_command.h"

#include <cstdio>
#include <string>
#include <vector>

#include <fmt/ranges.h>

#include "app/config/listing.h"
#include "app/settings.h"

namespace paddock::app {
namespace {

constexpr std::string_view kAbout =
    "Shows every option, its value and where that is from. Takes the flags of `paddock serve`, "
    "too.";

void ShowValues(const Settings& settings) {
  const std::string& file = settings.report().file;
  fmt::print("configuration: {}\n\n{}",
             file.empty() ? fmt::format("none ({} does not exist)", kConfigFileDefault) : file,
             config::ValueTable(settings.options()));
}

int Report(const Settings& settings, bool check) {
  for (const std::string& warning : settings.report().warnings) {
    fmt::print(stderr, "{} (a warning)\n", warning);
  }
  const auto& errors = settings.report().errors;
  for (const std::string& error : errors) {
    fmt::print(stderr, "{}\n", error);
  }
  if (!errors.empty()) {
    fmt::print(stderr, "paddock config: {} to mend\n", errors.size());
    return 2;
  }
  if (check) {
    fmt::print("the configuration is in order\n");
  }
  return 0;
}

}  // namespace

int ConfigCommand(std::span<char*> arguments) {
  bool check = false;
  bool example = false;
  Settings settings(config::Process::kAll);
  settings.AddFlag("check", check, "only say what is wrong: all of it, with exit status 2");
  settings.AddFlag("example", example, "print a configuration with every option and its default");
  const std::vector<std::string> words(arguments.begin() + 1, arguments.end());
  settings.Read(words, ProcessEnvironment());
  if (settings.report().wants_help) {
    fmt::print("{}\n\nusage: paddock config [OPTIONS]\n{}", kAbout,
               config::HelpText(settings.options()));
    return 0;
  }
  if (example) {
    fmt::print("{}", config::ExampleFile(settings.options()));
    return 0;
  }
  if (!check) {
    ShowValues(settings);
    std::fflush(stdout);
  }
  return Report(settings, check);
}

}  // namespace paddock::app
