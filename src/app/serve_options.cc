#include "app/serve_options.h"

#include <charconv>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace paddock::app {
namespace {

constexpr std::uint64_t kMebibyte = 1U << 20U;

/// Flags whose unit is not that of their field; moved over when all are read.
struct Raw {
  std::string listen = "127.0.0.1:3006";
  std::string cgroup_root;
  std::string id_base;
  std::string runtime;
  std::string agent;
  int session_days = 30;
  std::uint64_t memory_max_mib = 4096;
  std::uint64_t disk_max_mib = 16'384;
  std::int64_t lifetime_max_s = 86'400;
  std::uint64_t upload_max_mib = 1024;
};

void AddPlaces(CLI::App& app, ServeOptions& options, Raw& raw) {
  app.add_option("--listen", raw.listen, "address and port")->capture_default_str();
  app.add_option("--data-dir", options.data_dir, "what must survive")->capture_default_str();
  app.add_option("--run-dir", options.run_dir, "sockets")->capture_default_str();
  app.add_option("--user", options.user, "whom the server runs as, when started by root")
      ->capture_default_str();
  app.add_flag("--server-only", options.server_only, "start no node: one runs already");
  app.add_option("--cgroup-root", raw.cgroup_root, "of the node: name of its cgroup");
  app.add_option("--id-base", raw.id_base, "of the node: first host id of its sandboxes");
  app.add_option("--runtime", raw.runtime, "of the node: crun, runc or runsc");
  app.add_option("--agent", raw.agent,
                 "of the node: paddock-agent, by default beside this program");
}

void AddWeb(CLI::App& app, ServeOptions& options) {
  auto* certificate = app.add_option("--tls-certificate", options.server.certificate_file,
                                     "PEM file with the certificate and its chain");
  auto* key = app.add_option("--tls-key", options.server.key_file, "PEM file with its key");
  certificate->needs(key);
  key->needs(certificate);
  app.add_option("--public-origin", options.server.public_origin,
                 "the address that browsers see: https://paddock.example");
  app.add_option("--trusted-proxies", options.server.trusted_proxies,
                 "addresses or networks whose X-Forwarded-* headers count")
      ->delimiter(',');
  gateway::Limits& limits = options.server.limits;
  app.add_option("--connections-max", limits.connections_max, "open at once")
      ->check(CLI::Range(16, 1'000'000))
      ->capture_default_str();
  app.add_option("--connections-per-address", limits.connections_per_address_max,
                 "of one address that is no trusted proxy")
      ->check(CLI::Range(4, 1'000'000))
      ->capture_default_str();
}

void AddLimits(CLI::App& app, ServeOptions& options, Raw& raw) {
  auto& limits = options.manager.limits.max;
  app.add_option("--sandboxes-per-user", options.manager.per_user_max)
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--sandboxes-max", options.manager.live_count_max, "of all users")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--memory-max-mib", raw.memory_max_mib, "that one sandbox may ask for")
      ->check(CLI::Range(32, 1 << 22))
      ->capture_default_str();
  app.add_option("--cpu-max-millis", limits.cpu.count)
      ->check(CLI::Range(50, 1'024'000))
      ->capture_default_str();
  app.add_option("--pids-max", limits.process_count_max)
      ->check(CLI::Range(16, 1 << 22))
      ->capture_default_str();
  app.add_option("--disk-max-mib", raw.disk_max_mib)
      ->check(CLI::Range(32, 1 << 24))
      ->capture_default_str();
  app.add_option("--inodes-max", limits.inode_count_max)
      ->check(CLI::Range(1024, 1 << 30))
      ->capture_default_str();
  app.add_option("--lifetime-max-s", raw.lifetime_max_s)
      ->check(CLI::Range(10, 31'536'000))
      ->capture_default_str();
  app.add_option("--upload-max-mib", raw.upload_max_mib)
      ->check(CLI::Range(1, 1 << 20))
      ->capture_default_str();
  app.add_option("--default-image", options.api.default_image)->capture_default_str();
  app.add_option("--session-days", raw.session_days, "until an unused session expires")
      ->check(CLI::Range(1, 3650))
      ->capture_default_str();
}

void AddRate(CLI::App& app, const std::string& flag, identity::Rate& rate, const char* what) {
  const std::string unit = fmt::format("{}, per second; the burst scales with it", what);
  app.add_option_function<double>(
         flag,
         [&rate](double per_second) {
           rate.burst *= per_second / rate.per_second;
           rate.per_second = per_second;
         },
         unit)
      ->check(CLI::Range(0.01, 1e9))
      ->default_str(fmt::format("{}", rate.per_second));
}

void AddRates(CLI::App& app, gateway::ApiLimits& limits) {
  AddRate(app, "--user-rate", limits.user_requests, "requests of one user");
  AddRate(app, "--address-rate", limits.address_requests, "requests of one address");
  AddRate(app, "--user-creation-rate", limits.user_creations, "new sandboxes of one user");
  AddRate(app, "--address-creation-rate", limits.address_creations, "new sandboxes, one address");
  AddRate(app, "--guest-rate", limits.address_guests, "new guests of one address");
  app.add_option("--execs-per-user", limits.user_execs_max, "commands running at once")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  app.add_option("--sockets-per-user", limits.user_sockets_max, "WebSockets open at once")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  app.add_option("--terminals-per-sandbox", limits.sandbox_terminals_max)
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
}

void PassOn(ServeOptions& options, const char* flag, const std::string& value) {
  if (!value.empty()) {
    options.node_arguments.insert(options.node_arguments.end(), {flag, value});
  }
}

Result<void> Apply(const Raw& raw, ServeOptions& options) {
  auto listen = ParseListenAddress(raw.listen);
  if (!listen) {
    return Fail(std::move(listen).error());
  }
  options.server.address = std::move(listen->address);
  options.server.port = listen->port;
  options.session_lifetime = std::chrono::days(raw.session_days);
  options.manager.limits.max.memory = {raw.memory_max_mib * kMebibyte};
  options.manager.limits.max.disk = {raw.disk_max_mib * kMebibyte};
  options.manager.limits.max.lifetime_max = std::chrono::seconds(raw.lifetime_max_s);
  options.api.limits.upload_max = {raw.upload_max_mib * kMebibyte};
  // A default that is above a lowered ceiling would refuse who asks for nothing.
  options.manager.limits = options.manager.limits.Under(options.manager.limits.max);
  options.node_arguments = {"--data-dir",    options.data_dir.string(),
                            "--run-dir",     options.run_dir.string(),
                            "--server-user", options.user};
  PassOn(options, "--cgroup-root", raw.cgroup_root);
  PassOn(options, "--id-base", raw.id_base);
  PassOn(options, "--runtime", raw.runtime);
  PassOn(options, "--agent", raw.agent);
  return {};
}

}  // namespace

Result<ListenAddress> ParseListenAddress(std::string_view text) {
  const auto colon = text.rfind(':');
  std::uint16_t port = 0;
  const auto digits = colon == std::string_view::npos ? text : text.substr(colon + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (colon == std::string_view::npos || digits.empty() || error != std::errc() ||
      end != digits.data() + digits.size()) {
    return Fail(Code::kInvalid, fmt::format("--listen {}: must be ADDRESS:PORT", text));
  }
  auto address = text.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) {
    address = address.substr(1, address.size() - 2);
  } else if (address.find(':') != std::string_view::npos) {
    return Fail(Code::kInvalid, fmt::format("--listen {}: write [ADDRESS]:PORT for IPv6", text));
  }
  if (address == "localhost") {
    address = "127.0.0.1";
  }
  return ListenAddress{.address = std::string(address.empty() ? "0.0.0.0" : address), .port = port};
}

std::expected<ServeOptions, UsageError> ReadServeOptions(std::span<char*> arguments) {
  ServeOptions options;
  options.api.version = PADDOCK_VERSION;
  Raw raw;
  CLI::App app(
      "Serves learners on one port. Started by root, it also runs the node, which makes the "
      "sandboxes, and serves as an ordinary user.",
      "paddock serve");
  AddPlaces(app, options, raw);
  AddWeb(app, options);
  AddLimits(app, options, raw);
  AddRates(app, options.api.limits);
  try {
    app.parse(static_cast<int>(arguments.size()), arguments.data());
  } catch (const CLI::CallForHelp&) {
    return std::unexpected(UsageError{.message = app.help(), .status = 0});
  } catch (const CLI::ParseError& error) {
    return std::unexpected(UsageError{.message = fmt::format("paddock serve: {}\n", error.what())});
  }
  auto applied = Apply(raw, options);
  if (!applied) {
    return std::unexpected(
        UsageError{.message = fmt::format("paddock serve: {}\n", applied.error().message)});
  }
  return options;
}

}  // namespace paddock::app
