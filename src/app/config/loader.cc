#include "app/config/loader.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>

#include <fmt/ranges.h>

#include "app/config/sources.h"

namespace paddock::app::config {
namespace {

constexpr std::string_view kFileOption = "config";

const std::string* FileIn(const std::vector<Setting>& settings) {
  const auto found = std::ranges::find(settings, kFileOption, &Setting::name);
  return found == settings.end() || found->texts.empty() ? nullptr : &found->texts.front();
}

/// One that may exist but cannot be seen counts: reading it says why.
bool MayExist(const std::string& path) {
  struct stat status{};
  return !path.empty() && (stat(path.c_str(), &status) == 0 || errno != ENOENT);
}

std::string FileOf(const Reading& flags, const Reading& environment, const Inputs& inputs) {
  if (const std::string* named = FileIn(flags.settings); named != nullptr) {
    return *named;
  }
  if (const std::string* named = FileIn(environment.settings); named != nullptr) {
    return *named;
  }
  return MayExist(inputs.file_default) ? inputs.file_default : "";
}

void Append(std::vector<std::string>& to, std::vector<std::string> from) {
  std::ranges::move(from, std::back_inserter(to));
}

}  // namespace

Report Load(OptionSet& set, const Inputs& inputs) {
  Reading flags = ReadFlags(set, inputs.arguments);
  Reading environment = ReadEnvironment(set, inputs.environment);
  Report report{.errors = {},
                .warnings = std::move(environment.warnings),
                .flags = {},
                .file = FileOf(flags, environment, inputs),
                .wants_help = flags.wants_help};
  if (!report.file.empty()) {
    Reading file = ReadConfigFile(set, report.file);
    Append(report.errors, std::move(file.errors));
    set.Take(Source::kFile, file.settings, report.errors);
  }
  Append(report.errors, std::move(environment.errors));
  set.Take(Source::kEnvironment, environment.settings, report.errors);
  Append(report.errors, std::move(flags.errors));
  set.Take(Source::kFlag, flags.settings, report.errors);
  report.flags = std::move(flags.settings);
  return report;
}

std::vector<std::string> FlagsFor(Process process,
                                  const OptionSet& set,
                                  const std::vector<Setting>& flags) {
  std::vector<std::string> words;
  for (const Setting& flag : flags) {
    const Option* option = set.Find(flag.name);
    if (option->reach != Reach::kFlag && Overlap(option->process, process)) {
      words.push_back(fmt::format("--{}={}", flag.name, fmt::join(flag.texts, ",")));
    }
  }
  return words;
}

}  // namespace paddock::app::config
