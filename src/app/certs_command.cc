#include "app/certs_command.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/result.h"
#include "certs/authority.h"

namespace paddock::app {
namespace {

using certs::Authority;
using certs::Certificate;

constexpr int kDaysMax = 36'500;
constexpr int kSerialShown = 16;  // digits

struct Options {
  std::string directory;
  std::string name;
  std::vector<std::string> hosts;
  int authority_days = static_cast<int>(certs::kAuthorityDays.count());
  int days = static_cast<int>(certs::kServiceDays.count());
  bool force = false;
  bool all = false;
};

int Report(const Error& error) {
  fmt::print(stderr, "paddock certs: {}\n", error.message);
  return 1;
}

certs::Terms TermsOf(const Options& options) {
  return {.valid = std::chrono::days(options.days), .force = options.force};
}

std::string DayOf(std::chrono::system_clock::time_point time) {
  return fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

int Init(const Options& options) {
  const certs::Terms terms{.valid = std::chrono::days(options.authority_days),
                           .force = options.force};
  const auto made = Authority::Create(options.directory, terms);
  if (!made) {
    return Report(made.error());
  }
  fmt::print(
      "authority '{0}' is ready in {1}, valid until {2}\n"
      "{1}/ca.key signs whoever shall be trusted: it stays here, and needs a backup\n"
      "{1}/ca.pem goes to every service\n",
      made->name, options.directory, DayOf(made->not_after));
  return 0;
}

int Announce(const Options& options, const Result<Certificate>& made) {
  if (!made) {
    return Report(made.error());
  }
  fmt::print("{0}/{1}.pem and {0}/{1}.key: {2} certificate, valid until {3}\n", options.directory,
             made->name, certs::Name(made->role), DayOf(made->not_after));
  return 0;
}

std::string_view Condition(const Certificate& certificate) {
  const auto now = std::chrono::system_clock::now();
  if (certificate.not_after <= now) {
    return "EXPIRED";
  }
  return certificate.not_after <= now + certs::kRenewalDue ? "renew" : "";
}

int List(const Options& options) {
  const auto listed = Authority(options.directory).List();
  if (!listed) {
    return Report(listed.error());
  }
  fmt::print("{:<24} {:<10} {:<10} {:<8} {:<{}} {}\n", "NAME", "ROLE", "UNTIL", "", "SERIAL",
             kSerialShown, "HOSTS");
  for (const Certificate& one : *listed) {
    fmt::print("{:<24} {:<10} {:<10} {:<8} {:<{}} {}\n", one.name, certs::Name(one.role),
               DayOf(one.not_after), Condition(one),
               std::string_view(one.serial).substr(0, kSerialShown), kSerialShown,
               fmt::join(one.hosts, ","));
  }
  return 0;
}

/// Which services to renew: the one that is named, all, or those that would expire soon.
Result<std::vector<std::string>> NamesToRenew(const Options& options) {
  if (!options.name.empty()) {
    return std::vector{options.name};
  }
  auto listed = Authority(options.directory).List();
  if (!listed) {
    return Fail(std::move(listed).error());
  }
  std::vector<std::string> names;
  for (const Certificate& one : *listed) {
    const bool is_service = one.role == certs::Role::kServer || one.role == certs::Role::kClient;
    if (is_service && (options.all || !Condition(one).empty())) {
      names.push_back(one.name);
    }
  }
  return names;
}

int Renew(const Options& options) {
  const auto names = NamesToRenew(options);
  if (!names) {
    return Report(names.error());
  }
  if (names->empty()) {
    fmt::print("nothing expires within {} days\n", certs::kRenewalDue.count());
  }
  int status = 0;
  for (const std::string& name : *names) {
    const auto renewed = Authority(options.directory).Renew(name, TermsOf(options));
    status = std::max(status, Announce(options, renewed));
  }
  return status;
}

int Run(const CLI::App& chosen, const Options& options) {
  const std::string& verb = chosen.get_name();
  const Authority authority(options.directory);
  if (verb == "init") {
    return Init(options);
  }
  if (verb == "server") {
    return Announce(options, authority.MakeServer(options.name, options.hosts, TermsOf(options)));
  }
  if (verb == "client") {
    return Announce(options, authority.MakeClient(options.name, TermsOf(options)));
  }
  return verb == "list" ? List(options) : Renew(options);
}

CLI::App* AddVerb(CLI::App& app, Options& options, const char* verb, const char* summary) {
  CLI::App* command = app.add_subcommand(verb, summary);
  command->add_option("directory", options.directory, "Where the authority is")->required();
  return command;
}

void AddDays(CLI::App& command, int& days) {
  command.add_option("--days", days, "Until it expires")
      ->check(CLI::Range(1, kDaysMax))
      ->capture_default_str();
}

void AddVerbs(CLI::App& app, Options& options) {
  CLI::App* init = AddVerb(app, options, "init", "Make a certificate authority");
  CLI::App* server = AddVerb(app, options, "server", "Make the certificate of a node");
  CLI::App* client = AddVerb(app, options, "client", "Make the certificate of a server");
  AddVerb(app, options, "list", "Show the certificates, and what will expire soon");
  CLI::App* renew = AddVerb(app, options, "renew", "Sign again what expires within 30 days");
  AddDays(*init, options.authority_days);
  for (CLI::App* command : {server, client, renew}) {
    AddDays(*command, options.days);
  }
  for (CLI::App* command : {init, server, client}) {
    command->add_flag("--force", options.force, "Replace what is there");
  }
  for (CLI::App* command : {server, client}) {
    command->add_option("name", options.name, "Of the service")->required();
  }
  server->add_option("--host", options.hosts, "DNS name or address that it is reached by")
      ->required();
  auto* name = renew->add_option("name", options.name, "This one only, due or not");
  renew->add_flag("--all", options.all, "All services, due or not")->excludes(name);
}

}  // namespace

int CertsCommand(std::span<char*> arguments) {
  Options options;
  CLI::App app("Certificates for a server and nodes on several hosts", "paddock certs");
  app.require_subcommand(1);
  AddVerbs(app, options);
  try {
    app.parse(static_cast<int>(arguments.size()), arguments.data());
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return Run(*app.get_subcommands().front(), options);
}

}  // namespace paddock::app
