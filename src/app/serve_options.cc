#include "app/serve_options.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "app/listen_address.h"
#include "egress/rules.h"
#include "runners/server/server_address.h"

namespace paddock::app {
namespace {

using config::OptionSet;
using config::Process;

constexpr std::int64_t kMebibyte = 1 << 20;
constexpr std::size_t kNamespaceLengthMax = 32;

Result<void> CheckListen(std::string_view text) {
  auto parsed = ParseListenAddress(text);
  return parsed ? Result<void>() : Fail(std::move(parsed).error());
}

Result<void> CheckNetwork(std::string_view text) {
  auto network = egress::Network::Parse(text);
  return network ? Result<void>() : Fail(std::move(network).error());
}

Result<void> CheckNamespace(std::string_view text) {
  const auto fits = [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '_' ||
           letter == '-';
  };
  if (text.size() > kNamespaceLengthMax || !std::ranges::all_of(text, fits)) {
    return Fail(Code::kInvalid,
                fmt::format("must be 1 to {} of a-z, 0-9, _ and -", kNamespaceLengthMax));
  }
  return {};
}

Result<void> CheckStore(std::string_view text) {
  for (const std::string_view scheme : {"sqlite:", "postgres://", "postgresql://"}) {
    if (text.starts_with(scheme) && text.size() > scheme.size()) {
      return {};
    }
  }
  return Fail(Code::kInvalid, "must be sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/DATABASE");
}

void DeclarePlaces(OptionSet& set, ServeOptions& options) {
  set.Begin("Places", Process::kServer | Process::kNode | Process::kQuestions);
  set.Path("data-dir", options.data_dir, "what must survive");
  set.Path("run-dir", options.run_dir, "sockets");
  set.Text("user", options.user,
           "whom the server runs as, when started by root, and whom the node listens to")
      .form = "USER";
  set.Begin("Places", Process::kServer);
  set.Text("sql-user", options.sql_user,
           "whom the process that speaks to databases runs as, when started by root")
      .form = "USER";
  auto& networks = set.List("sql-external-allow", options.sql_external_allow,
                            "networks that are not public and that registered databases may be in");
  networks.form = "NETWORK,NETWORK";
  networks.example = "10.20.0.0/16";
  networks.check = CheckNetwork;
  set.Switch("server-only", options.server_only, "start no node: one runs already");
}

void DeclareWeb(OptionSet& set, ServeOptions& options) {
  set.Begin("Web", Process::kServer);
  auto& listen =
      set.Text("listen", options.listen,
               "address and port; other than loopback needs TLS or a proxy, and --guests");
  listen.form = "ADDRESS:PORT";
  listen.check = CheckListen;
  set.Switch("guests", options.api.guests, "let people start machines without signing in");
  auto& certificate = set.Text("tls-certificate", options.server.certificate_file,
                               "PEM file with the certificate and its chain");
  auto& key = set.Text("tls-key", options.server.key_file, "PEM file with its key");
  certificate.example = "/etc/paddock/chain.pem";
  key.example = "/etc/paddock/key.pem";
  for (config::Option* file : {&certificate, &key}) {
    file->form = "FILE";
    file->read_by_server = true;
  }
  auto& origin =
      set.Text("public-origin", options.server.public_origin, "the address that browsers see");
  origin.form = "URL";
  origin.example = "https://paddock.example";
  auto& proxies = set.List("trusted-proxies", options.server.trusted_proxies,
                           "addresses or networks whose X-Forwarded-* headers count");
  proxies.form = "ADDRESS,ADDRESS";
  proxies.example = "127.0.0.1";
  gateway::Limits& limits = options.server.limits;
  set.Integer("connections-max", limits.connections_max, 16, 1'000'000, "connections open at once");
  set.Integer("connections-per-address", limits.connections_per_address_max, 4, 1'000'000,
              "of one address that is no trusted proxy");
}

void DeclareRate(OptionSet& set, const char* name, identity::Rate& rate, const char* what) {
  set.Number(
         name, {.initial = rate.per_second, .min = 0.01, .max = 1e9},
         [&rate](double per_second) {
           rate.burst *= per_second / rate.per_second;
           rate.per_second = per_second;
         },
         fmt::format("{}, per second; the burst scales with it", what))
      .form = "RATE";
}

void DeclarePlayground(OptionSet& set, ServeOptions& options) {
  set.Begin("Front ends of Database Playground", Process::kServer);
  auto& listen =
      set.Text("database-playground-listen", options.playground.listen,
               "address and port with their gateway at the root; it is below /database-playground "
               "of the server in any case");
  listen.form = "ADDRESS:PORT";
  listen.example = "127.0.0.1:3100";
  listen.check = CheckListen;
  set.Switch("sqlrunner-open", options.playground.sqlrunner_open,
             "let whoever reaches the server call /sqlrunner, also without signing in");
  DeclareRate(set, "sqlrunner-rate", options.playground.runs,
              "queries there and in challenges, of one user or else address");
}

void DeclareStore(OptionSet& set, ServeOptions& options) {
  set.Begin("Store", Process::kServer | Process::kQuestions);
  auto& store = set.Secret(
      "store", options.store, config::Secrecy::kPassword,
      "where users, classes and progress are kept; by default SQLite, in the data directory");
  store.form = "URL";
  store.example = "postgres://paddock:PASSWORD@localhost/paddock";
  store.check = CheckStore;
  auto& name = set.Text("namespace", options.store_namespace,
                        "what is kept apart from other deployments in the same store");
  name.form = "NAME";
  name.check = CheckNamespace;
}

void DeclareChallenges(OptionSet& set, ServeOptions& options) {
  set.Begin("Challenges", Process::kServer | Process::kRunner);
  const auto add = [&set](const char* name, std::string& field, sql::Dialect dialect,
                          const char* meaning) -> config::Option& {
    auto& server = set.Secret(name, field, config::Secrecy::kPassword, meaning);
    server.form = "URL";
    server.check = [dialect](std::string_view text) {
      auto parsed = runners::server::ParseServerAddress(text, dialect);
      return parsed ? Result<void>() : Fail(std::move(parsed).error());
    };
    return server;
  };
  add("challenge-postgres", options.challenges.postgres, sql::Dialect::kPostgres,
      "a superuser of a PostgreSQL server that is there for questions and nothing else")
      .example = "postgres://paddock:PASSWORD@localhost:5433";
  add("challenge-mariadb", options.challenges.mariadb, sql::Dialect::kMariadb,
      "the same of a MariaDB server")
      .example = "mariadb://paddock:PASSWORD@localhost:3307";
  set.Begin("Challenges on servers of its own", Process::kServer);
  auto& idle_max = options.challenge_idle_max;
  set.Integer(
      "challenge-idle-s", {.initial = idle_max.count(), .min = 1, .max = 31'536'000},
      [&idle_max](std::int64_t seconds) { idle_max = std::chrono::seconds(seconds); },
      "seconds without a run, before a database server is removed that was not named");
}

void DeclareSignIn(OptionSet& set, oidc::OidcConfig& oidc) {
  set.Begin("Sign-in by OpenID Connect", Process::kServer);
  const auto add = [&set](const char* name, std::string& field, const char* example,
                          const char* meaning) -> config::Option& {
    auto& option = set.Text(name, field, meaning);
    option.example = example;
    return option;
  };
  add("oidc-issuer", oidc.issuer, "https://login.example/realms/school",
      "the provider's address, exactly as it names itself")
      .form = "URL";
  add("oidc-client-id", oidc.client_id, "paddock", "what the provider calls this server");
  set.Secret("oidc-client-secret", oidc.client_secret, config::Secrecy::kSecret,
             "what this server proves itself to the provider with")
      .example = "SECRET";
  set.Switch("oidc-public-client", oidc.public_client, "the provider wants no client secret");
  add("oidc-audience", oidc.audience, "https://paddock.example/api",
      "take bearer tokens that the provider has made for this audience");
  add("oidc-resource", oidc.resource, "https://paddock.example/api",
      "ask the provider for this resource; Logto gives a JWT only then")
      .form = "URL";
  add("oidc-scopes", oidc.scopes, "openid profile email", "what to ask the provider for");
  add("oidc-role-claim", oidc.role_claim, "realm_access.roles", "the claim with somebody's roles")
      .form = "PATH";
  add("oidc-roles", oidc.roles, "staff=teacher,root=admin",
      "which of the provider's roles is which of Paddock's")
      .form = "THEIRS=OURS,...";
  add("oidc-name", oidc.name, "Single sign-on", "the words on the button");
  auto& authority = add("oidc-ca-file", oidc.ca_file, "/etc/paddock/authority.pem",
                        "PEM file with the authority of the provider's certificate");
  authority.form = "FILE";
  authority.read_by_server = true;
}

config::Bounded<std::int64_t> Mebibytes(Bytes initial, std::int64_t min, std::int64_t max) {
  return {.initial = static_cast<std::int64_t>(initial.count) / kMebibyte, .min = min, .max = max};
}

std::function<void(std::int64_t)> StoreMebibytes(Bytes& field) {
  return [&field](std::int64_t count) {
    field.count = static_cast<decltype(field.count)>(count * kMebibyte);
  };
}

void DeclareSandboxes(OptionSet& set, ServeOptions& options) {
  set.Begin("Sandboxes", Process::kServer);
  auto& max = options.manager.limits.max;
  auto& upload_max = options.api.limits.upload_max;
  set.Text("default-image", options.api.default_image, "what a new sandbox starts from").form =
      "NAME";
  set.Integer("sandboxes-per-user", options.manager.per_user_max, 1, 1000,
              "of one user, stopped ones too");
  set.Integer("sandboxes-max", options.manager.live_count_max, 1, 1'000'000, "of all users");
  set.Integer("memory-max-mib", Mebibytes(max.memory, 32, 1 << 22), StoreMebibytes(max.memory),
              "memory that one may ask for");
  set.Integer("cpu-max-millis", max.cpu.count, 50, 1'024'000,
              "thousandths of a processor that one may ask for");
  set.Integer("pids-max", max.process_count_max, 16, 1 << 22, "processes that one may ask for");
  set.Integer("disk-max-mib", Mebibytes(max.disk, 32, 1 << 24), StoreMebibytes(max.disk),
              "disk that one may ask for");
  set.Integer("inodes-max", max.inode_count_max, 1024, 1 << 30, "files that one may ask for");
  set.Integer(
      "lifetime-max-s",
      {.initial = max.lifetime_max / std::chrono::seconds(1), .min = 10, .max = 31'536'000},
      [&max](std::int64_t seconds) { max.lifetime_max = std::chrono::seconds(seconds); },
      "seconds of lifetime that one may ask for");
  set.Integer("upload-max-mib", Mebibytes(upload_max, 1, 1 << 20), StoreMebibytes(upload_max),
              "of one file that is uploaded");
  set.Integer("terminals-per-sandbox", options.api.limits.sandbox_terminals_max, 1, 1000,
              "terminals of one sandbox");
}

void DeclareUsers(OptionSet& set, ServeOptions& options) {
  set.Begin("Limits of users and addresses", Process::kServer);
  gateway::ApiLimits& limits = options.api.limits;
  set.Integer(
      "session-days",
      {.initial = options.session_lifetime / std::chrono::days(1), .min = 1, .max = 3650},
      [&options](std::int64_t count) { options.session_lifetime = std::chrono::days(count); },
      "until an unused session expires");
  set.Integer(
      "audit-days",
      {.initial = options.audit_age_max / std::chrono::days(1), .min = 1, .max = 36'500},
      [&options](std::int64_t count) { options.audit_age_max = std::chrono::days(count); },
      "until an entry of the audit log is deleted");
  DeclareRate(set, "user-rate", limits.user_requests, "requests of one user");
  DeclareRate(set, "address-rate", limits.address_requests, "requests of one address");
  DeclareRate(set, "user-creation-rate", limits.user_creations, "new sandboxes of one user");
  DeclareRate(set, "address-creation-rate", limits.address_creations, "new sandboxes, one address");
  DeclareRate(set, "guest-rate", limits.address_guests, "new guests of one address");
  set.Integer("execs-per-user", limits.user_execs_max, 1, 10'000, "commands running at once");
  set.Integer("sockets-per-user", limits.user_sockets_max, 1, 100'000, "WebSockets open at once");
}

/// "paddock.toml:3: tls-key", "--tls-key" or "PADDOCK_TLS_KEY": where to look.
std::string PlaceOf(const OptionSet& set, std::string_view name) {
  const config::Option* option = set.Find(name);
  return option->source == config::Source::kFile ? fmt::format("{}: {}", option->origin, name)
         : option->origin.empty()                ? fmt::format("--{}", name)
                                                 : option->origin;
}

void CheckPair(const OptionSet& set,
               const ServeOptions& options,
               std::vector<std::string>& errors) {
  const bool has_certificate = !options.server.certificate_file.empty();
  if (has_certificate == !options.server.key_file.empty()) {
    return;
  }
  const std::string_view given = has_certificate ? "tls-certificate" : "tls-key";
  const std::string_view missing = has_certificate ? "tls-key" : "tls-certificate";
  errors.push_back(
      fmt::format("{}: needs {} too, which is missing: give --{}, {}, or {} in the "
                  "configuration file",
                  PlaceOf(set, given), missing, missing, config::VariableOf(missing), missing));
}

void CheckEncrypted(const OptionSet& set,
                    std::string_view option,
                    const std::string& address,
                    const gateway::ServerConfig& server,
                    std::vector<std::string>& errors) {
  if (server.certificate_file.empty() && server.key_file.empty() &&
      server.trusted_proxies.empty()) {
    errors.push_back(fmt::format(
        "{}: other hosts reach {}, and nothing encrypts what they say: add --tls-certificate and "
        "--tls-key, or --trusted-proxies with the address of a proxy that has a certificate",
        PlaceOf(set, option), address));
  }
}

/// Who listens to others says how they are kept from being listened to, and whether everybody may
/// come in: neither is to happen by an oversight.
void CheckPublicAddress(const OptionSet& set,
                        const ServeOptions& options,
                        std::vector<std::string>& errors) {
  if (IsLoopback(options.server.address)) {
    return;
  }
  CheckEncrypted(set, "listen", options.server.address, options.server, errors);
  if (!set.IsGiven("guests")) {
    errors.push_back(fmt::format(
        "{}: other hosts reach {}: add --guests on if whoever does may start machines without "
        "signing in, else --guests off",
        PlaceOf(set, "listen"), options.server.address));
  }
}

void FinishPlayground(const OptionSet& set,
                      ServeOptions& options,
                      std::vector<std::string>& errors) {
  auto listen = ParseListenAddress(options.playground.listen);
  if (!listen) {
    return;  // none, or one that has been reported where it stands
  }
  options.playground.address = std::move(listen->address);
  options.playground.port = listen->port;
  if (!IsLoopback(options.playground.address)) {
    CheckEncrypted(set, "database-playground-listen", options.playground.address, options.server,
                   errors);
  }
}

}  // namespace

void DeclareServeOptions(OptionSet& set, ServeOptions& options) {
  DeclarePlaces(set, options);
  DeclareWeb(set, options);
  DeclarePlayground(set, options);
  DeclareStore(set, options);
  DeclareChallenges(set, options);
  DeclareSignIn(set, options.oidc);
  DeclareSandboxes(set, options);
  DeclareUsers(set, options);
}

std::vector<std::string> FinishServeOptions(const OptionSet& set, ServeOptions& options) {
  options.api.version = PADDOCK_VERSION;
  // A default that is above a lowered ceiling would refuse who asks for nothing.
  options.manager.limits = options.manager.limits.Under(options.manager.limits.max);
  // One that is wrong has been reported where it stands.
  if (auto listen = ParseListenAddress(options.listen); listen) {
    options.server.address = std::move(listen->address);
    options.server.port = listen->port;
  }
  std::vector<std::string> errors;
  CheckPair(set, options, errors);
  CheckPublicAddress(set, options, errors);
  FinishPlayground(set, options, errors);
  if (const auto valid = oidc::Validate(options.oidc); !valid) {
    errors.push_back(valid.error().message);
  }
  return errors;
}

}  // namespace paddock::app
