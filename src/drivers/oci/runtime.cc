#include "drivers/oci/runtime.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "aio/process.h"

namespace paddock::drivers::oci {
namespace {

constexpr std::size_t kRuntimeLogMax = 4096;
constexpr std::size_t kSeccompInstructionSize = 8;

struct Known {
  RuntimeKind kind;
  std::string_view name;
};
// crun first: it starts in half the time.
constexpr auto kKnown =
    std::to_array<Known>({{RuntimeKind::kCrun, "crun"}, {RuntimeKind::kRunc, "runc"}});

std::string FirstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

// "crun version 1.8.1" becomes "crun 1.8.1".
std::string ShortVersion(std::string line) {
  constexpr std::string_view kWord = " version";
  if (const auto at = line.find(kWord); at != std::string::npos) {
    line.erase(at, kWord.size());
  }
  return line;
}

}  // namespace

std::vector<Runtime> InstalledRuntimes(const std::string& name) {
  std::vector<Runtime> found;
  for (const Known& known : kKnown) {
    auto program = aio::FindProgram(std::string(known.name));
    if (!program.empty() && (name.empty() || name == known.name)) {
      found.push_back(
          {.kind = known.kind, .program = std::move(program), .version = {}, .seccomp_filter = {}});
    }
  }
  return found;
}

aio::Task<Result<std::vector<Runtime>>> FindRuntimes(std::string name, Deadline deadline) {
  if (!name.empty() && std::ranges::find(kKnown, name, &Known::name) == kKnown.end()) {
    co_return Fail(Code::kInvalid,
                   fmt::format("runtime '{}' is not supported: use crun or runc", name));
  }
  std::vector<Runtime> found;
  for (Runtime& runtime : InstalledRuntimes(name)) {
    aio::Command command;
    command.argv = {runtime.program, "--version"};
    auto outcome = co_await aio::RunCommand(std::move(command), deadline);
    if (outcome && outcome->exit.is_success()) {
      runtime.version = ShortVersion(FirstLine(outcome->output));
      found.push_back(std::move(runtime));
    }
  }
  if (found.empty()) {
    co_return Fail(Code::kUnavailable,
                   fmt::format("no OCI runtime: install '{}'", name.empty() ? "crun" : name));
  }
  co_return found;
}

void PlanRuntime(const Runtime& runtime,
                 const RuntimeFiles& files,
                 const std::string& name,
                 const Cgroups& cgroups,
                 LaunchPlan& plan) {
  plan.argv = {runtime.program};
  if (runtime.kind == RuntimeKind::kCrun) {
    // It enters the cgroups with its parent. On a hybrid host it refuses to work while it sees the
    // v2 hierarchy, so it does not see it.
    plan.argv.emplace_back("--cgroup-manager=disabled");
    if (cgroups.layout() == "hybrid") {
      plan.hidden_mount = cgroups.unified_path();
    }
  }
  const std::vector<std::string> rest{"--root",
                                      files.state_directory,
                                      "--log",
                                      files.bundle_directory + "/runtime.log",
                                      "run",
                                      "--detach",
                                      "--preserve-fds",
                                      std::to_string(plan.passed_fds.size()),
                                      "--pid-file",
                                      files.bundle_directory + "/pid",
                                      "--bundle",
                                      files.bundle_directory,
                                      name};
  plan.argv.insert(plan.argv.end(), rest.begin(), rest.end());
  plan.env = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"};
}

std::string ReadSeccompFilter(const Runtime& runtime,
                              const RuntimeFiles& files,
                              const std::string& name) {
  if (runtime.kind != RuntimeKind::kCrun) {
    return {};
  }
  std::ifstream file(fmt::format("{}/{}/seccomp.bpf", files.state_directory, name),
                     std::ios::binary);
  std::string filter((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return filter.size() % kSeccompInstructionSize == 0 ? filter : std::string();
}

std::string ReadRuntimeLog(const RuntimeFiles& files) {
  std::ifstream file(files.bundle_directory + "/runtime.log", std::ios::binary);
  std::string text(kRuntimeLogMax, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  while (text.ends_with('\n')) {
    text.pop_back();
  }
  return text;
}

}  // namespace paddock::drivers::oci
