#include "app/node_command.h"

#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/remote_link.h"
#include "app/settings.h"
#include "base/log.h"
#include "drivers/oci/driver.h"
#include "images/catalog.h"
#include "rpc/grpc_setup.h"
#include "rpc/handover.h"
#include "rpc/node_service.h"
#include "sandbox/agent_client.h"

namespace paddock::app {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using drivers::oci::ImageRoot;
using drivers::oci::OciDriver;
using drivers::oci::OciDriverConfig;

constexpr auto kOpenTime = std::chrono::seconds(60);

// Whom the sockets are for.
struct Peer {
  uid_t user = 0;
  gid_t group = 0;
};

Peer PeerOf(const std::string& name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): called before any other thread exists
  const passwd* entry = getpwnam(name.c_str());
  if (entry == nullptr) {
    log::Warn("there is no user '{}': only root may speak to this node", name);
    return {};
  }
  return {.user = entry->pw_uid, .group = entry->pw_gid};
}

fs::path AgentBesideThisProgram() {
  std::error_code failure;
  const fs::path self = fs::read_symlink("/proc/self/exe", failure);
  return self.parent_path() / "paddock-agent";
}

// "" when there is none: sandboxes are made without.
fs::path HelperBeside(const fs::path& agent) {
  fs::path helper = agent.parent_path() / "paddock-sqlite";
  std::error_code failure;
  if (!fs::exists(helper, failure)) {
    log::Warn("there is no {}: files of SQLite in sandboxes cannot be opened", helper.native());
    return {};
  }
  return helper;
}

ImageRoot RootOf(const images::Image& image) {
  return {.pinned_name = image.PinnedName(),
          .path = image.rootfs,
          .env = image.env,
          .boot = image.boot,
          .memory_min = image.minimum.memory,
          .disk_min = image.minimum.disk,
          .process_count_min = image.minimum.process_count};
}

aio::Task<Result<void>> Greet(asio::any_io_executor executor, UniqueFd stream, Deadline deadline) {
  auto client = co_await sandbox::AgentClient::Open(executor, std::move(stream), deadline);
  if (!client) {
    co_return Fail(std::move(client).error());
  }
  co_return Result<void>{};
}

OciDriverConfig ConfigOf(const NodeOptions& options,
                         const images::Catalog& catalog,
                         asio::any_io_executor executor) {
  OciDriverConfig config;
  config.data_dir = options.data_dir;
  config.run_dir = options.run_dir;
  config.cgroup_root = options.cgroup_root;
  config.id_base = options.id_base;
  config.sandbox_count_max = options.sandboxes_max;
  config.runtime = options.runtime;
  const fs::path agent = options.agent.empty() ? AgentBesideThisProgram() : options.agent;
  config.agent_path = agent;
  config.sqlite_helper_path = HelperBeside(agent);
  config.find_image = [catalog](const std::string& name) -> Result<ImageRoot> {
    auto image = catalog.Find(name);
    if (!image) {
      return Fail(std::move(image).error());
    }
    return RootOf(*image);
  };
  config.list_images = [catalog] {
    std::vector<sandbox::ImageSummary> summaries;
    for (images::Image& image : catalog.List().value_or(std::vector<images::Image>{})) {
      const auto current = catalog.Find(image.name);
      if (current && current->digest == image.digest) {
        summaries.push_back({.name = std::move(image.name),
                             .digest = std::move(image.digest),
                             .description = std::move(image.description)});
      }
    }
    return summaries;
  };
  config.greet_agent = [executor](UniqueFd stream, Deadline deadline) {
    return Greet(executor, std::move(stream), deadline);
  };
  return config;
}

// `loop` and `options` outlive the task.
aio::Task<Result<void>> Serve(asio::io_context& loop, const NodeOptions& options) {
  auto remote = RemoteAccessOf(options.link);
  if (!remote) {
    co_return Fail(std::move(remote).error());
  }
  auto catalog = images::Catalog::Open(options.data_dir);
  if (!catalog) {
    co_return Fail(std::move(catalog).error());
  }
  const Peer peer = PeerOf(options.server_user);
  const auto executor = loop.get_executor();
  auto config = ConfigOf(options, *catalog, executor);
  const auto deadline = Deadline::After(kOpenTime);
  auto driver = co_await OciDriver::Open(executor, std::move(config), deadline);
  if (!driver) {
    co_return Fail(std::move(driver).error());
  }
  rpc::NodeService service(executor, **driver);
  rpc::HandoverService handover(executor, **driver, peer.user);
  auto ready = handover.Listen(options.run_dir / "connect.sock", peer.group);
  if (ready) {
    ready = service.Listen(options.run_dir / "node.sock", peer.group, *remote);
  }
  if (ready) {
    log::Info("node ready on {}/node.sock", options.run_dir.string());
    if (*remote) {
      log::Info("other hosts reach it on port {}: {}", service.remote_port(),
                fmt::join((*remote)->clients, ", "));
    }
    asio::signal_set signals(executor, SIGINT, SIGTERM);
    [[maybe_unused]] auto signal = co_await signals.async_wait(asio::as_tuple(asio::use_awaitable));
    log::Info("node ends; sandboxes live on");
  }
  co_await handover.Shutdown();
  co_await service.Shutdown();
  co_await (*driver)->Shutdown();
  co_return ready;
}

// Each sandbox costs the node some, and one that cannot be had when it is needed looks like an end
// of something.
void RaiseDescriptorLimit() {
  rlimit open_files{};
  if (getrlimit(RLIMIT_NOFILE, &open_files) == 0) {
    open_files.rlim_cur = open_files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &open_files);
  }
}

int Run(const NodeOptions& options) {
  RaiseDescriptorLimit();
  rpc::SetUpGrpc();
  // A server that has gone away must not end the node.
  signal(SIGPIPE, SIG_IGN);
  if (isatty(STDERR_FILENO) != 0) {
    log::SetHuman(true);
  }
  asio::io_context loop(1);
  Result<void> outcome;
  auto main_task = [](asio::io_context& on, const NodeOptions& from,
                      Result<void>& result) -> aio::Task<void> {
    result = co_await Serve(on, from);
    on.stop();
  };
  asio::co_spawn(loop, main_task(loop, options, outcome), [](const std::exception_ptr& failure) {
    if (failure) {
      std::terminate();
    }
  });
  loop.run();
  if (!outcome) {
    fmt::print(stderr, "paddock node: {}\n", outcome.error().message);
    return 1;
  }
  return 0;
}

}  // namespace

int NodeCommand(std::span<char*> arguments) {
  Settings settings(config::Process::kNode);
  const auto status =
      settings.ReadOrExplain(arguments, "Makes sandboxes for the server on this host. Needs root.");
  return status ? *status : Run(settings.node());
}

}  // namespace paddock::app
