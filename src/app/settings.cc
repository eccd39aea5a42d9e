#include "app/settings.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <utility>

#include <fmt/ranges.h>

#include "app/config/listing.h"

namespace paddock::app {

using config::Process;

Settings::Settings(Process process) : options_(process) {
  options_.Begin("Places", Process::kBoth);
  auto& file = options_.Text("config", config_file_, "the configuration, if it exists");
  file.form = "FILE";
  file.reach = config::Reach::kFlagAndEnvironment;
  file.read_by_server = true;
  DeclareServeOptions(options_, serve_);
  DeclareNodeOptions(options_, node_);
}

void Settings::AddFlag(std::string name, bool& field, std::string meaning) {
  options_.Begin("This command", Process::kBoth);
  options_.Switch(std::move(name), field, std::move(meaning)).reach = config::Reach::kFlag;
}

void Settings::Read(std::span<const std::string> arguments,
                    std::span<const std::string> environment,
                    std::string_view file_default) {
  report_ = config::Load(options_, {.arguments = arguments,
                                    .environment = environment,
                                    .file_default = std::string(file_default)});
  node_.data_dir = serve_.data_dir;
  node_.run_dir = serve_.run_dir;
  node_.server_user = serve_.user;
  if (options_.process() != Process::kNode) {
    std::ranges::move(FinishServeOptions(options_, serve_), std::back_inserter(report_.errors));
    FinishLink();
  }
}

/// A server with a node elsewhere starts none; else what is said is for the one that it starts.
void Settings::FinishLink() {
  const NodeLink& link = node_.link;
  if (link.node.empty() && (!link.listen.empty() || !link.clients.empty())) {
    const auto access = RemoteAccessOf(link);
    if (!access) {
      report_.errors.push_back(access.error().message);
    }
    return;
  }
  auto remote = RemoteNodeOf(link);
  if (!remote) {
    report_.errors.push_back(remote.error().message);
  } else {
    serve_.remote_node = *std::move(remote);
  }
}

std::optional<int> Settings::ReadOrExplain(std::span<char*> arguments, std::string_view about) {
  const std::string verb = arguments.front();
  const std::vector<std::string> words(arguments.begin() + 1, arguments.end());
  Read(words, ProcessEnvironment());
  if (report_.wants_help) {
    fmt::print(
        "{}\n\nusage: paddock {} [OPTIONS]\n{}\n"
        "Each --name is PADDOCK_NAME in the environment and name in the configuration, too.\n",
        about, verb, config::HelpText(options_));
    return 0;
  }
  if (!report_.errors.empty()) {
    fmt::print(stderr,
               "{}\npaddock {}: nothing is started; `paddock {} --help` lists the options\n",
               fmt::join(report_.errors, "\n"), verb, verb);
    return 2;
  }
  return std::nullopt;
}

std::vector<std::string> Settings::NodeFlags() const {
  return config::FlagsFor(Process::kNode, options_, report_.flags);
}

std::vector<std::string> ProcessEnvironment() {
  std::vector<std::string> entries;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    entries.emplace_back(*entry);
  }
  return entries;
}

Result<std::filesystem::path> ConfiguredDataDir() {
  Settings settings(Process::kNode);
  settings.Read({}, ProcessEnvironment());
  if (!settings.report().errors.empty()) {
    return Fail(Code::kInvalid, fmt::format("{}", fmt::join(settings.report().errors, "\n")));
  }
  return settings.node().data_dir;
}

}  // namespace paddock::app
