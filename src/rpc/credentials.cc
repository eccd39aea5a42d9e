#include "rpc/credentials.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <grpc/grpc_security.h>

#include "base/check.h"
#include "base/log.h"
#include "rpc/watched_files.h"

namespace paddock::rpc {
namespace {

constexpr int kPingEveryMs = 20'000;
constexpr int kPingTimeMaxMs = 10'000;
constexpr int kPingsNotBeforeMs = kPingEveryMs / 2;  // more of them are an attack
constexpr int kHandshakeTimeMaxMs = 10'000;
constexpr int kReconnectPauseMinMs = 50;
constexpr int kReconnectPauseMaxMs = 250;
constexpr std::chrono::seconds kWarningPause{10};
// Of each stream and direction. Enough for 50 MB/s at 20 ms there and back; gRPC would go to 4 MiB
// by its own measurements, for each of hundreds of streams.
constexpr int kWindowBytes = 1 << 20;

constexpr auto kBothSides = std::to_array<std::pair<const char*, int>>({
    {GRPC_ARG_KEEPALIVE_TIME_MS, kPingEveryMs},
    {GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kPingTimeMaxMs},
    {GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1},
    {GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0},  // no end to them
    {GRPC_ARG_HTTP2_BDP_PROBE, 0},
    {GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, kWindowBytes},
});

// What a node's port knows. gRPC asks it for the certificate at each handshake, and for each call
// of every method, before the service sees it, whether the client may. Threads: gRPC's.
class Gate {
 public:
  explicit Gate(const RemoteAccess& access)
      : files_(access.files, certs::Role::kServer),
        clients_(access.clients),
        option_(access.option) {}

  grpc_ssl_certificate_config_reload_status Fetch(grpc_ssl_server_certificate_config** config) {
    const std::scoped_lock lock(mutex_);
    const auto identity = files_.Renewed();
    if (!identity) {
      return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    }
    const grpc_ssl_pem_key_cert_pair pair{.private_key = identity->key.c_str(),
                                          .cert_chain = identity->certificate.c_str()};
    *config = grpc_ssl_server_certificate_config_create(identity->authority.c_str(), &pair, 1);
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
  }

  // Empty when `context` is that of a client that may call.
  std::string Objection(const grpc_auth_context* context) {
    std::string name = "without a name";
    auto names = grpc_auth_context_find_properties_by_name(context, GRPC_PEER_DNS_PROPERTY_NAME);
    while (const auto* property = grpc_auth_property_iterator_next(&names)) {
      name.assign(property->value, property->value_length);
      if (std::ranges::find(clients_, name) != clients_.end()) {
        return "";
      }
    }
    Warn(name);
    return fmt::format(
        "the certificate of client '{}' is good, but this service does not serve it: "
        "name it in {}",
        name, option_);
  }

 private:
  // A server that is refused tries again and again.
  void Warn(std::string_view name) {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    auto due = warning_due_.load();
    if (now.count() >= due &&
        warning_due_.compare_exchange_strong(due, (now + kWarningPause).count())) {
      log::Write(log::Level::kWarn, "a client that is not among those allowed was refused",
                 {{.name = "client", .value = name}});
    }
  }

  std::mutex mutex_;
  WatchedFiles files_;
  const std::vector<std::string> clients_;
  const std::string option_;
  std::atomic<std::chrono::steady_clock::rep> warning_due_{0};
};

// gRPC offers certificates that change, without a watcher of its own, in its C interface only.
class NodeCredentials final : public grpc::ServerCredentials {
 public:
  explicit NodeCredentials(const RemoteAccess& access) {
    auto* gate = new Gate(access);  // NOLINT: `destroy` below deletes it
    auto* options = grpc_ssl_server_credentials_create_options_using_config_fetcher(
        GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY,
        [](void* state, grpc_ssl_server_certificate_config** config) {
          return static_cast<Gate*>(state)->Fetch(config);
        },
        gate);
    credentials_ = grpc_ssl_server_credentials_create_with_options(options);
    grpc_server_credentials_set_auth_metadata_processor(
        credentials_,
        {.process = &Process,
         .destroy = [](void* state) { delete static_cast<Gate*>(state); },  // NOLINT: made above
         .state = gate});
  }
  NodeCredentials(const NodeCredentials&) = delete;
  NodeCredentials& operator=(const NodeCredentials&) = delete;
  ~NodeCredentials() override { grpc_server_credentials_release(credentials_); }

  // There is a processor already, and no call may get around it.
  void SetAuthMetadataProcessor(
      const std::shared_ptr<grpc::AuthMetadataProcessor>& /*processor*/) override {
    PADDOCK_CHECK(false);
  }

 private:
  int AddPortToServer(const std::string& address, grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  static void Process(void* state,
                      grpc_auth_context* context,
                      const grpc_metadata* /*metadata*/,
                      std::size_t /*count*/,
                      grpc_process_auth_metadata_done_cb done,
                      void* call) {
    const std::string objection = static_cast<Gate*>(state)->Objection(context);
    const auto status = objection.empty() ? GRPC_STATUS_OK : GRPC_STATUS_PERMISSION_DENIED;
    done(call, nullptr, 0, nullptr, 0, status, objection.empty() ? nullptr : objection.c_str());
  }

  grpc_server_credentials* credentials_ = nullptr;
};

}  // namespace

std::shared_ptr<grpc::ServerCredentials> CredentialsFor(const RemoteAccess& access) {
  return std::make_shared<NodeCredentials>(access);
}

std::shared_ptr<grpc::ChannelCredentials> CredentialsFor(const certs::Identity& identity) {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = identity.authority;
  options.pem_private_key = identity.key;
  options.pem_cert_chain = identity.certificate;
  return grpc::SslCredentials(options);
}

grpc::ChannelArguments RemoteSettings() {
  grpc::ChannelArguments settings;
  for (const auto& [name, value] : kBothSides) {
    settings.SetInt(name, value);
  }
  settings.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectPauseMinMs);
  settings.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectPauseMaxMs);
  // This is no pause, whatever its name says, but how long one attempt may take with its handshake.
  settings.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kHandshakeTimeMaxMs);
  return settings;
}

void AddRemoteSettings(grpc::ServerBuilder& builder) {
  for (const auto& [name, value] : kBothSides) {
    builder.AddChannelArgument(name, value);
  }
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             kPingsNotBeforeMs);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, kHandshakeTimeMaxMs);
}

}  // namespace paddock::rpc
