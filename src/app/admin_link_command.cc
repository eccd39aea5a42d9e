#include "app/admin_link_command.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include "aio/task_scope.h"
#include "app/first_admin.h"
#include "app/open_store.h"
#include "app/settings.h"
#include "identity/services.h"
#include "store/migrations.h"

namespace paddock::app {
namespace {

constexpr std::chrono::seconds kOpenTimeMax{30};
constexpr std::chrono::minutes kMigrateTimeMax{10};
constexpr std::chrono::seconds kCloseTimeMax{10};
constexpr std::string_view kAbout =
    "Prints a link that makes one more admin, once, within a week; those printed before are not "
    "valid any more. A server with its store in a file has to be stopped for it.";

/// The server's files stay the server's, whoever runs this.
Result<void> BecomeOwnerOf(const std::filesystem::path& directory) {
  struct stat status{};
  if (stat(directory.c_str(), &status) != 0) {
    return Fail(Code::kNotFound, fmt::format("{}: {}. Is --data-dir right?", directory.string(),
                                             std::strerror(errno)));
  }
  if (geteuid() == 0 && (setgid(status.st_gid) != 0 || setuid(status.st_uid) != 0)) {
    return Fail(Code::kUnavailable, fmt::format("become the owner of {}: {}", directory.string(),
                                                std::strerror(errno)));
  }
  return {};
}

std::string OriginOf(const ServeOptions& options) {
  if (!options.server.public_origin.empty()) {
    return options.server.public_origin;
  }
  return fmt::format("{}://{}", options.server.certificate_file.empty() ? "http" : "https",
                     options.listen);
}

aio::Task<Result<std::string>> MakePath(store::Database& database,  // outlives the task
                                        std::string name_space) {
  auto migrated = co_await database.Migrate(store::Migrations(), Deadline::After(kMigrateTimeMax));
  if (!migrated) {
    co_return Fail(std::move(migrated).error());
  }
  identity::AuditLog audit(database, name_space);
  identity::Links links(database, std::move(name_space), audit);
  auto path = co_await NewAdminPath(links, Deadline::After(kOpenTimeMax));
  co_return path;
}

// Both outlive the task.
aio::Task<void> Print(const ServeOptions& options, Result<void>& outcome) {
  StoreAddress address{.url = options.store, .data_dir = options.data_dir};
  auto database = co_await OpenStore(std::move(address), Deadline::After(kOpenTimeMax));
  if (!database) {
    outcome = Fail(std::move(database).error());
    co_return;
  }
  auto path = co_await MakePath(**database, options.store_namespace);
  if (path) {
    fmt::print("{}{}\n", OriginOf(options), *path);
  } else {
    outcome = Fail(std::move(path).error());
  }
  co_await (*database)->Close(Deadline::After(kCloseTimeMax));
}

}  // namespace

int AdminLinkCommand(std::span<char*> arguments) {
  Settings settings(config::Process::kAll);
  if (const auto status = settings.ReadOrExplain(arguments, kAbout)) {
    return *status;
  }
  const ServeOptions& options = settings.serve();
  Result<void> outcome = BecomeOwnerOf(options.data_dir / "server");
  if (outcome) {
    boost::asio::io_context loop(1);
    aio::TaskScope scope(loop.get_executor());
    scope.Spawn(Print(options, outcome));
    loop.run();
  }
  if (!outcome) {
    fmt::print(stderr, "paddock admin-link: {}\n", outcome.error().message);
    return 1;
  }
  return 0;
}

}  // namespace paddock::app
