#include "app/doctor_command.h"

#include <cstdio>
#include <filesystem>
#include <string_view>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/settings.h"
#include "doctor/finding.h"
#include "doctor/host.h"

namespace paddock::app {
namespace {

std::string_view Mark(doctor::Grade grade) {
  switch (grade) {
    case doctor::Grade::kGood: return "ok";
    case doctor::Grade::kWarning: return "warn";
    case doctor::Grade::kFailure: return "FAIL";
  }
  return "";
}

}  // namespace

int DoctorCommand(std::span<char*> arguments) {
  auto configured = ConfiguredDataDir();
  if (!configured) {
    fmt::print(stderr, "paddock doctor: {}\n", configured.error().message);
    return 1;
  }
  std::filesystem::path data_dir = *std::move(configured);
  CLI::App app("Examine this host", "paddock doctor");
  app.add_option("--data-dir", data_dir, "Directory of Paddock's data")->capture_default_str();
  try {
    app.parse(static_cast<int>(arguments.size()), arguments.data());
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  int failure_count = 0;
  int warning_count = 0;
  for (const doctor::Finding& finding : doctor::Examine(data_dir)) {
    failure_count += finding.grade == doctor::Grade::kFailure ? 1 : 0;
    warning_count += finding.grade == doctor::Grade::kWarning ? 1 : 0;
    fmt::print("{:<5} {:<13} {}\n", Mark(finding.grade), finding.matter, finding.text);
    if (!finding.remedy.empty()) {
      fmt::print("{:<19} -> {}\n", "", finding.remedy);
    }
  }
  fmt::print("{}: {} failed, {} warned\n",
             failure_count == 0 ? "sandboxes can run here" : "no sandbox can run here",
             failure_count, warning_count);
  return failure_count == 0 ? 0 : 1;
}

}  // namespace paddock::app
