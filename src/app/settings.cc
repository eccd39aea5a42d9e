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
  options_.Begin("Places", Process::kAll);
  auto& file = options_.Text("config", config_file_, "the configuration, if it exists");
  file.form = "FILE";
  file.reach = config::Reach::kFlagAndEnvironment;
  file.read_by_server = true;
  DeclareServeOptions(options_, serve_);
  DeclareNodeOptions(options_, node_);
  DeclareServices();
}

void Settings::DeclareServices() {
  constexpr auto kGroup = "Runner and question service as processes of their own";
  options_.Begin(kGroup, Process::kServer);
  options_.Switch("split", serve_.split,
                  "start both on this host, and make what they and the server need");
  options_.Begin(kGroup, Process::kServer | Process::kRunner);
  options_.Text("runner-user", serve_.runner_user, "whom the runner runs as, when started by root")
      .form = "USER";
  DeclareRemoteLink(options_, runner_link_, Process::kRunner,
                    {.group = kGroup,
                     .address = "let this runner run challenges, and run none here",
                     .listen = "where the runner lets servers in",
                     .port = "3008"});
  options_.Begin(kGroup, Process::kServer | Process::kQuestions);
  auto& user = options_.Text("questions-user", serve_.questions_user,
                             "whom the question service runs as, when started by root; by default "
                             "as the server, which a store in SQLite needs");
  user.form = "USER";
  user.example = "paddock-questions";
  DeclareRemoteLink(options_, questions_link_, Process::kQuestions,
                    {.group = kGroup,
                     .address = "ask this question service for the front ends of Database "
                                "Playground",
                     .listen = "where the question service lets servers in",
                     .port = "3009"});
}

void Settings::AddFlag(std::string name, bool& field, std::string meaning) {
  options_.Begin("This command", Process::kAll);
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
  if (Overlap(options_.process(), Process::kServer)) {
    std::ranges::move(FinishServeOptions(options_, serve_), std::back_inserter(report_.errors));
    FinishNodeLink();
    FinishServiceLink(runner_link_, serve_.runner);
    FinishServiceLink(questions_link_, serve_.questions);
  } else if (options_.process() == Process::kRunner) {
    FinishOwnLink(runner_link_);
  } else if (options_.process() == Process::kQuestions) {
    FinishOwnLink(questions_link_);
  }
}

/// A server with a node elsewhere starts none; else what is said is for the one that it starts.
void Settings::FinishNodeLink() {
  const RemoteLink& link = node_.link;
  if (link.address.empty() && (!link.listen.empty() || !link.clients.empty())) {
    const auto access = RemoteAccessOf(link);
    if (!access) {
      report_.errors.push_back(access.error().message);
    }
    return;
  }
  auto remote = RemoteServiceOf(link);
  if (!remote) {
    report_.errors.push_back(remote.error().message);
  } else {
    serve_.remote_node = *std::move(remote);
  }
}

/// What only says where the service listens is for that service, which may read the same file. With
/// --split it is for the one that is started here, whose certificates are made.
void Settings::FinishServiceLink(const RemoteLink& link,
                                 std::optional<rpc::RemoteService>& service) {
  const bool has_address = !link.address.empty();
  if (serve_.split && !serve_.server_only) {
    if (has_address || link.has_files()) {
      report_.errors.push_back(
          fmt::format("--split starts its own services, with certificates that it makes: leave out "
                      "--{0}, --{0}-certificate, --{0}-key and --{0}-ca",
                      link.name));
    }
    return;
  }
  if (!has_address && !link.listen.empty()) {
    if (options_.Find(link.name + "-listen")->source == config::Source::kFlag &&
        !serve_.server_only) {
      report_.errors.push_back(
          fmt::format("--{}-listen: is for the service itself, or for --split", link.name));
    }
    return;
  }
  auto remote = RemoteServiceOf(link);
  if (!remote) {
    report_.errors.push_back(remote.error().message);
  } else {
    service = *std::move(remote);
  }
}

void Settings::FinishOwnLink(const RemoteLink& link) {
  const auto access = RequiredAccessOf(link);
  if (!access) {
    report_.errors.push_back(access.error().message);
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

std::vector<std::string> Settings::FlagsOf(Process process) const {
  return config::FlagsFor(process, options_, report_.flags);
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
