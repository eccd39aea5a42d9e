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

#include "app/directories.h"
#include "app/readable.h"
#include "app/server_process.h"
#include "app/settings.h"
#include "app/split_set.h"
#include "app/supervisor.h"
#include "base/log.h"

namespace paddock::app {
namespace {

namespace fs = std::filesystem;

int Report(const Error& error) {
  fmt::print(stderr, "paddock serve: {}\n", error.message);
  return 1;
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
  return GiveTo(own, ids);
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
    if (made) {
      made = GiveTo(path, *own);
    }
    if (!made) {
      return Fail(std::move(made).error());
    }
  }
  ChildSpec runner{
      .name = "SQL runner",
      .arguments = {"sql-runner", "--socket", (options.run_dir / "sql.sock").string(), "--spill",
                    spill.string(), "--doors", doors.string(), "--server-uid",
                    fmt::format("{}", server.uid), "--server-gid", fmt::format("{}", server.gid),
                    "--uid", fmt::format("{}", own->uid), "--gid", fmt::format("{}", own->gid)},
      .user = {},  // it becomes that user itself, once its socket is in place
      .has_bare_environment = true};
  for (const std::string& network : options.sql_external_allow) {
    runner.arguments.insert(runner.arguments.end(), {"--allow", network});
  }
  return runner;
}

/// The node and the SQL runner, and the places that all processes need.
Result<std::vector<ChildSpec>> PrivilegedChildren(const Settings& settings) {
  const ServeOptions& options = settings.serve();
  auto ids = FindUser(options.user);
  if (!ids) {
    return Fail(std::move(ids).error());
  }
  auto prepared = CheckFiles(settings, *ids);
  if (prepared) {
    prepared = PrepareDirectories(options, *ids);
  }
  if (!prepared) {
    return Fail(std::move(prepared).error());
  }
  auto sql_runner = SqlRunnerOf(options, *ids);
  if (!sql_runner) {
    return Fail(std::move(sql_runner).error());
  }
  std::vector<ChildSpec> children{*std::move(sql_runner)};
  if (!options.remote_node) {
    ChildSpec node{.name = "node", .arguments = {"node"}, .user = {}};
    std::ranges::move(settings.FlagsOf(config::Process::kNode), std::back_inserter(node.arguments));
    children.push_back(std::move(node));
  }
  return children;
}

/// The server, and all that it needs beside it.
Result<int> RunChildren(const Settings& settings, std::span<char*> arguments) {
  const ServeOptions& options = settings.serve();
  const bool is_root = geteuid() == 0;
  ChildSpec server{.name = "server",
                   .arguments = {arguments.begin(), arguments.end()},
                   .user = is_root ? options.user : "",
                   .reloads = true};
  server.arguments.emplace_back("--server-only");
  auto others = is_root ? PrivilegedChildren(settings) : std::vector<ChildSpec>();
  if (!others) {
    return Fail(std::move(others).error());
  }
  auto split = options.split ? PrepareSplitSet(settings) : SplitSet();
  if (!split) {
    return Fail(std::move(split).error());
  }
  std::ranges::move(split->server_flags, std::back_inserter(server.arguments));
  // The server first, so that nobody is served by a server whose node is gone.
  std::vector<ChildSpec> children{std::move(server)};
  std::ranges::move(split->services, std::back_inserter(children));
  std::ranges::move(*others, std::back_inserter(children));
  return Supervise(std::move(children));
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
  if (options.server_only || (geteuid() != 0 && !options.split)) {
    return RunServer(options);
  }
  auto ended = RunChildren(settings, arguments);
  return ended ? *ended : Report(ended.error());
}

}  // namespace paddock::app
