#include "app/split_set.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/directories.h"
#include "app/listen_address.h"
#include "base/unique_fd.h"
#include "certs/authority.h"
#include "certs/check.h"

namespace paddock::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kServerName = "server";  // in its certificate

/// Whose certificate it is, and who reads its key.
struct Holder {
  std::string name;
  certs::Role role;
  std::optional<UserIds> user;  // none: who we are
};

certs::TlsFiles FilesOf(const fs::path& directory, std::string_view name) {
  return {.certificate = directory / fmt::format("{}.pem", name),
          .key = directory / fmt::format("{}.key", name),
          .authority = directory / "ca.pem"};
}

Result<std::optional<UserIds>> UserOf(const std::string& name) {
  if (geteuid() != 0) {
    return std::nullopt;
  }
  auto found = FindUser(name);
  if (!found) {
    return Fail(std::move(found).error());
  }
  return *found;
}

/// One that is missing, damaged or due is made anew: nothing outside this host trusts it.
Result<void> KeepAuthority(const fs::path& directory) {
  auto made = MakeDirectory(directory, 0755);
  if (!made) {
    return made;
  }
  const auto soon = std::chrono::system_clock::now() + certs::kRenewalDue;
  const auto list = certs::Authority(directory).List();
  if (list && !list->empty() && list->front().not_after > soon) {
    return {};
  }
  auto created =
      certs::Authority::Create(directory, {.valid = certs::kAuthorityDays, .force = true});
  return created ? Result<void>() : Fail(std::move(created).error());
}

Result<void> KeepCertificate(const fs::path& directory, const Holder& holder) {
  const auto soon = std::chrono::system_clock::now() + certs::kRenewalDue;
  const auto files = FilesOf(directory, holder.name);
  if (!certs::CheckFiles(files, holder.role, soon)) {
    const certs::Authority authority(directory);
    auto made =
        holder.role == certs::Role::kServer
            ? authority.MakeServer(holder.name, {"localhost", "127.0.0.1", "::1"}, {.force = true})
            : authority.MakeClient(holder.name, {.force = true});
    if (!made) {
      return Fail(std::move(made).error());
    }
  }
  return holder.user ? GiveTo(files.key, *holder.user) : Result<void>();
}

/// A port that is free now.
Result<std::uint16_t> FreePort() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  const UniqueFd listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the system's way
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (!listener || bind(listener.get(), any, size) != 0 ||
      getsockname(listener.get(), any, &size) != 0) {
    return Fail(Code::kUnavailable, fmt::format("no port is free: {}", std::strerror(errno)));
  }
  return ntohs(address.sin_port);
}

/// Where a service listens; port 0 is chosen here, so that it stays when the service is restarted.
Result<std::string> PlaceOf(const RemoteLink& link, std::string_view usual) {
  const auto listen = ParseListenAddress(link.listen.empty() ? usual : link.listen);
  if (!listen || (listen->address != "127.0.0.1" && listen->address != "::1")) {
    return Fail(Code::kInvalid,
                fmt::format("--{}-listen: with --split it is 127.0.0.1:PORT or [::1]:PORT; for "
                            "other hosts start the service by itself (docs/split.md)",
                            link.name));
  }
  auto port = listen->port == 0 ? FreePort() : Result<std::uint16_t>(listen->port);
  if (!port) {
    return Fail(std::move(port).error());
  }
  return listen->address == "::1" ? fmt::format("[::1]:{}", *port)
                                  : fmt::format("127.0.0.1:{}", *port);
}

std::vector<std::string> FileFlags(const std::string& link, const certs::TlsFiles& files) {
  return {fmt::format("--{}-certificate={}", link, files.certificate),
          fmt::format("--{}-key={}", link, files.key),
          fmt::format("--{}-ca={}", link, files.authority)};
}

void Append(std::vector<std::string>& words, const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
}

/// The flags of a service and of the server for one link.
Result<void> Connect(const fs::path& directory,
                     const RemoteLink& link,
                     std::string_view usual,
                     ChildSpec& service,
                     std::vector<std::string>& server_flags) {
  auto place = PlaceOf(link, usual);
  if (!place) {
    return Fail(std::move(place).error());
  }
  std::vector<std::string> clients{std::string(kServerName)};
  Append(clients, link.clients);
  service.arguments.push_back(fmt::format("--{}-listen={}", link.name, *place));
  service.arguments.push_back(fmt::format("--{}-clients={}", link.name, fmt::join(clients, ",")));
  Append(service.arguments, FileFlags(link.name, FilesOf(directory, link.name)));
  server_flags.push_back(fmt::format("--{}={}", link.name, *place));
  Append(server_flags, FileFlags(link.name, FilesOf(directory, kServerName)));
  return {};
}

/// Not as flags, which everybody on the host can read.
std::vector<std::string> VariablesOf(const ChallengeServers& servers) {
  std::vector<std::string> variables;
  if (!servers.postgres.empty()) {
    variables.push_back(
        fmt::format("{}={}", config::VariableOf("challenge-postgres"), servers.postgres));
  }
  if (!servers.mariadb.empty()) {
    variables.push_back(
        fmt::format("{}={}", config::VariableOf("challenge-mariadb"), servers.mariadb));
  }
  return variables;
}

/// What it is to know of the command line besides its link, which is said anew.
std::vector<std::string> QuestionFlags(const Settings& settings) {
  auto flags = settings.FlagsOf(config::Process::kQuestions);
  std::erase_if(flags, [](const std::string& flag) { return flag.starts_with("--questions-"); });
  return flags;
}

Result<void> KeepCertificates(const fs::path& directory, const std::vector<Holder>& holders) {
  auto kept = KeepAuthority(directory);
  for (const Holder& holder : holders) {
    if (kept) {
      kept = KeepCertificate(directory, holder);
    }
  }
  return kept;
}

}  // namespace

Result<SplitSet> PrepareSplitSet(const Settings& settings) {
  const ServeOptions& options = settings.serve();
  const std::string& questions_user =
      options.questions_user.empty() ? options.user : options.questions_user;
  auto runner_ids = UserOf(options.runner_user);
  auto questions_ids = UserOf(questions_user);
  auto server_ids = UserOf(options.user);
  for (auto* ids : {&runner_ids, &questions_ids, &server_ids}) {
    if (!*ids) {
      return Fail(std::move(*ids).error());
    }
  }
  const fs::path directory = options.data_dir / "services";
  auto ready = KeepCertificates(
      directory,
      {{.name = "runner", .role = certs::Role::kServer, .user = *runner_ids},
       {.name = "questions", .role = certs::Role::kServer, .user = *questions_ids},
       {.name = std::string(kServerName), .role = certs::Role::kClient, .user = *server_ids}});
  const bool is_root = geteuid() == 0;
  // Nothing else of the configuration is for the runner, and it must not know the others' secrets.
  ChildSpec runner{.name = "runner",
                   .arguments = {"runner", "--config=/dev/null"},
                   .user = is_root ? options.runner_user : "",
                   .has_bare_environment = true,
                   .variables = VariablesOf(options.challenges)};
  ChildSpec questions{.name = "question service",
                      .arguments = {"question-service"},
                      .user = is_root ? questions_user : ""};
  Append(questions.arguments, QuestionFlags(settings));
  SplitSet set;
  if (ready) {
    ready = Connect(directory, settings.runner_link(), "127.0.0.1:3008", runner, set.server_flags);
  }
  if (ready) {
    ready = Connect(directory, settings.questions_link(), "127.0.0.1:3009", questions,
                    set.server_flags);
  }
  if (!ready) {
    return Fail(std::move(ready).error());
  }
  set.services = {std::move(runner), std::move(questions)};
  return set;
}

}  // namespace paddock::app
