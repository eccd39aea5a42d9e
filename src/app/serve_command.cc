#include "app/serve_command.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "app/readable.h"
#include "app/server_process.h"
#include "app/settings.h"
#include "app/supervisor.h"
#include "base/log.h"

namespace paddock::app {
namespace {

namespace fs = std::filesystem;

int Report(const Error& error) {
  fmt::print(stderr, "paddock serve: {}\n", error.message);
  return 1;
}

Result<void> MakeDirectory(const fs::path& path, mode_t mode) {
  std::error_code failure;
  fs::create_directories(path.parent_path(), failure);
  if (mkdir(path.c_str(), mode) != 0 && errno != EEXIST) {
    return Fail(Code::kUnavailable,
                fmt::format("cannot make {}: {}", path.string(), std::strerror(errno)));
  }
  return {};
}

/// What both children find in place: the node's directories, and the server's own in them.
Result<void> PrepareDirectories(const ServeOptions& options, const UserIds& ids) {
  constexpr mode_t kPassable = 0755;
  constexpr mode_t kPrivate = 0700;
  const fs::path own = options.data_dir / "server";
  for (const auto& [path, mode] :
       {std::pair(options.data_dir, kPassable), std::pair(options.run_dir, kPassable),
        std::pair(own, kPrivate)}) {
    auto made = MakeDirectory(path, mode);
    if (!made) {
      return made;
    }
  }
  if (chown(own.c_str(), ids.uid, ids.gid) != 0) {
    return Fail(Code::kUnavailable, fmt::format("cannot give {} to the server: {}", own.string(),
                                                std::strerror(errno)));
  }
  return {};
}

/// Every connection is a descriptor, and so is every agent; the soft limit is often 1,024. Done
/// here, so that both children inherit it. Sandboxes do not: the node gives them one of their own.
void RaiseFileLimit(gateway::Limits& limits) {
  constexpr rlim_t kForTheRest = 512;  // agents, files, the node
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) {
    return;
  }
  files.rlim_cur = files.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &files) != 0) {
    log::Warn("the limit of open files stays as it is: {}", std::strerror(errno));
    getrlimit(RLIMIT_NOFILE, &files);
  }
  const rlim_t wanted = static_cast<rlim_t>(limits.connections_max) + kForTheRest;
  if (files.rlim_cur < wanted) {
    const rlim_t room = files.rlim_cur - std::min(files.rlim_cur / 2, kForTheRest);
    limits.connections_max = static_cast<int>(room);
    log::Warn("only {} files may be open, so at most {} connections are taken: raise the limit",
              files.rlim_cur, room);
  }
}

/// Of the files that are named, each must be readable by the server, which is not root.
Result<void> CheckFiles(const Settings& settings, const UserIds& ids) {
  for (const config::Option& option : settings.options().options()) {
    if (!option.read_by_server) {
      continue;
    }
    const bool is_config = option.name == "config";
    const std::string path = is_config              ? settings.report().file
                             : option.value.empty() ? ""
                                                    : option.value.front();
    if (path.empty()) {
      continue;
    }
    auto checked = CheckReadable(path, settings.serve().user, ids);
    if (!checked) {
      return Fail(std::move(checked).error().With(option.name));
    }
  }
  return {};
}

Result<ChildSpec> SqlRunnerOf(const ServeOptions& options, const UserIds& server) {
  auto own = FindUser(options.sql_user);
  if (!own) {
    return Fail(Code::kNotFound,
                fmt::format("there is no user '{}' for SQL sessions: name another with --sql-user",
                            options.sql_user));
  }
  const fs::path spill = options.data_dir / "sql";
  const fs::path doors = options.run_dir / "sql";
  for (const fs::path& path : {spill, doors}) {
    auto made = MakeDirectory(path, 0700);
    if (!made) {
      return Fail(std::move(made).error());
    }
    if (chown(path.c_str(), own->uid, own->gid) != 0) {
      return Fail(Code::kUnavailable, fmt::format("cannot give {} to '{}': {}", path.string(),
                                                  options.sql_user, std::strerror(errno)));
    }
  }
  return ChildSpec{
      .name = "SQL runner",
      .arguments = {"sql-runner", "--socket", (options.run_dir / "sql.sock").string(), "--spill",
                    spill.string(), "--doors", doors.string(), "--server-uid",
                    fmt::format("{}", server.uid), "--server-gid", fmt::format("{}", server.gid),
                    "--uid", fmt::format("{}", own->uid), "--gid", fmt::format("{}", own->gid)},
      .user = {},  // it becomes that user itself, once its socket is in place
      .has_bare_environment = true};
}

int RunAsRoot(const Settings& settings, std::span<char*> arguments) {
  const ServeOptions& options = settings.serve();
  auto ids = FindUser(options.user);
  if (!ids) {
    return Report(ids.error());
  }
  auto prepared = CheckFiles(settings, *ids);
  if (prepared) {
    prepared = PrepareDirectories(options, *ids);
  }
  if (!prepared) {
    return Report(prepared.error());
  }
  ChildSpec node{.name = "node", .arguments = {"node"}, .user = {}};
  std::ranges::move(settings.FlagsOf(config::Process::kNode), std::back_inserter(node.arguments));
  ChildSpec server{.name = "server",
                   .arguments = {arguments.begin(), arguments.end()},
                   .user = options.user,
                   .reloads = true};
  server.arguments.emplace_back("--server-only");
  auto sql_runner = SqlRunnerOf(options, *ids);
  if (!sql_runner) {
    return Report(sql_runner.error());
  }
  // The server first, so that nobody is served by a server whose node is gone.
  std::vector<ChildSpec> children{std::move(server), *std::move(sql_runner)};
  if (!options.remote_node) {
    children.push_back(std::move(node));
  }
  auto status = Supervise(std::move(children));
  return status ? *status : Report(status.error());
}

}  // namespace

int ServeCommand(std::span<char*> arguments) {
  Settings settings(config::Process::kAll);
  const auto status = settings.ReadOrExplain(
      arguments,
      "Serves learners on one port. Started by root, it also runs the node, which makes the\n"
      "sandboxes, and serves as an ordinary user.");
  if (status) {
    return *status;
  }
  if (isatty(STDERR_FILENO) != 0) {
    log::SetHuman(true);
  }
  ServeOptions& options = settings.serve();
  if (!options.server_only) {  // else the supervisor has warned already
    for (const std::string& warning : settings.report().warnings) {
      log::Warn("{}", warning);
    }
  }
  RaiseFileLimit(options.server.limits);
  const bool as_root = geteuid() == 0 && !options.server_only;
  return as_root ? RunAsRoot(settings, arguments) : RunServer(options);
}

}  // namespace paddock::app
