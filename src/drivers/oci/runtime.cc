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
// crun first: it starts in half the time. runsc last: by default only where nothing else works.
constexpr auto kKnown = std::to_array<Known>(
    {{RuntimeKind::kCrun, "crun"}, {RuntimeKind::kRunc, "runc"}, {RuntimeKind::kRunsc, "runsc"}});

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

std::string_view Name(RuntimeKind kind) noexcept {
  return std::ranges::find(kKnown, kind, &Known::kind)->name;
}

std::optional<RuntimeKind> RuntimeKindCalled(std::string_view name) noexcept {
  const auto found = std::ranges::find(kKnown, name, &Known::name);
  return found == kKnown.end() ? std::nullopt : std::optional(found->kind);
}

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
                   fmt::format("runtime '{}' is not supported: use crun, runc or runsc", name));
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
  plan.argv = RuntimeCommand(runtime, files);
  if (runtime.kind == RuntimeKind::kCrun && cgroups.layout() == "hybrid") {
    // It refuses to work while it sees the v2 hierarchy, so it does not see it.
    plan.hidden_mount = cgroups.unified_path();
  }
  const auto add = [&plan](std::initializer_list<std::string> words) {
    plan.argv.insert(plan.argv.end(), words);
  };
  add({"--log", files.bundle_directory + "/runtime.log", "run", "--detach"});
  if (!plan.passed_fds.empty()) {
    add({"--preserve-fds", std::to_string(plan.passed_fds.size())});
  }
  add({"--pid-file", files.bundle_directory + "/pid", "--bundle", files.bundle_directory, name});
  plan.env = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"};
}

std::vector<std::string> RuntimeCommand(const Runtime& runtime, const RuntimeFiles& files) {
  std::vector<std::string> argv{runtime.program};
  if (runtime.kind == RuntimeKind::kCrun) {
    // It enters the cgroups with its parent.
    argv.emplace_back("--cgroup-manager=disabled");
  } else if (runtime.kind == RuntimeKind::kRunsc) {
    // So does it; and there is no network to make a stack for.
    argv.insert(argv.end(), {"--ignore-cgroups", "--network=none"});
  }
  argv.insert(argv.end(), {"--root", files.state_directory});
  return argv;
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
