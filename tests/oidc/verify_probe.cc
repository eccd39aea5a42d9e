// Does what the server does with OpenID Connect, one command a line, for tests that have a real
// provider: verifies tokens, starts and finishes logins.
//
// usage: verify_probe CONFIG, a JSON object with the names of OidcConfig's fields. A command is a
// JSON object with `do` and, to move the clock, `offset_s`; each is answered by one line.

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_from.hpp>

#include "aio/testing/run_on.h"
#include "oidc/config.h"
#include "oidc/curl/curl_client.h"
#include "oidc/login.h"
#include "oidc/provider.h"
#include "oidc/verifier.h"

namespace paddock::oidc {
namespace {

namespace json = boost::json;

constexpr std::chrono::seconds kCommandTimeout{30};

std::string Text(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr ? std::string() : std::string(value->as_string());
}

OidcConfig ConfigFrom(const json::object& object) {
  OidcConfig config;
  config.issuer = Text(object, "issuer");
  config.client_id = Text(object, "client_id");
  config.client_secret = Text(object, "client_secret");
  config.public_client = config.client_secret.empty();
  config.audience = Text(object, "audience");
  config.resource = Text(object, "resource");
  config.scopes = Text(object, "scopes");
  config.role_claim = Text(object, "role_claim");
  config.roles = Text(object, "roles");
  config.ca_file = Text(object, "ca_file");
  return config;
}

json::object Shown(const Error& error) {
  return {{"code", Name(error.code)}, {"message", error.message}};
}

json::object Shown(const Claims& claims, const OidcConfig& config) {
  constexpr std::array<std::string_view, 3> kRoles{"learner", "teacher", "admin"};
  return {{"subject", claims.subject},
          {"scopes", json::value_from(claims.scopes)},
          {"name", claims.name},
          {"preferred_username", claims.preferred_username},
          {"email", claims.email},
          {"email_verified", claims.email_verified},
          {"role", kRoles.at(static_cast<std::size_t>(RoleOf(config, claims.roles)))}};
}

class Probe {
 public:
  explicit Probe(OidcConfig config)
      : config_(std::move(config)),
        client_(config_.ca_file),
        provider_(config_.issuer, client_, loop_.get_executor()),
        verifier_(TokenRules{.issuer = config_.issuer,
                             .audience = config_.audience,
                             .role_claim = config_.role_claim},
                  provider_),
        login_(config_, provider_, client_, Sealer::Secret{1}) {}

  json::object Do(const json::object& command) {
    Moment now = Moment::Now();
    if (const json::value* offset = command.if_contains("offset_s")) {
      now.wall += std::chrono::seconds(offset->as_int64());
      now.steady += std::chrono::seconds(offset->as_int64());
    }
    const std::string what = Text(command, "do");
    if (what == "verify") {
      return Verify(Text(command, "token"), now);
    }
    return what == "start" ? Start(now) : Finish(command, now);
  }

  void Close() { Run(CloseProvider()); }

 private:
  template <class T>
  T Run(aio::Task<T> task) {
    return aio::testing::RunUntilDone(loop_, std::move(task));
  }

  aio::Task<bool> CloseProvider() {
    co_await provider_.Close();
    co_return true;
  }

  json::object Verify(std::string token, Moment now) {
    const auto claims =
        Run(verifier_.Verify(std::move(token), now, Deadline::After(kCommandTimeout)));
    return claims ? Shown(**claims, config_) : Shown(claims.error());
  }

  json::object Start(Moment now) {
    LoginRequest request{.redirect_uri = "https://paddock.example/api/v1/sign-in/provider/callback",
                         .return_to = "/",
                         .context = "guest"};
    const auto started =
        Run(login_.Start(std::move(request), now, Deadline::After(kCommandTimeout)));
    return started ? json::object{{"url", started->url}, {"cookie", started->cookie}}
                   : Shown(started.error());
  }

  json::object Finish(const json::object& command, Moment now) {
    LoginCallback callback{.code = Text(command, "code"),
                           .state = Text(command, "state"),
                           .issuer = Text(command, "iss"),
                           .error = Text(command, "error"),
                           .error_description = Text(command, "error_description")};
    const auto finished = Run(login_.Finish(std::move(callback), Text(command, "cookie"), now,
                                            Deadline::After(kCommandTimeout)));
    return finished ? Shown(finished->claims, config_) : Shown(finished.error());
  }

  boost::asio::io_context loop_;
  OidcConfig config_;
  CurlClient client_;
  Provider provider_;
  TokenVerifier verifier_;
  Login login_;
};

int Serve(const char* config_text) {
  OidcConfig config = ConfigFrom(json::parse(config_text).as_object());
  if (const auto valid = Validate(config); !valid) {
    std::cerr << valid.error().message << '\n';
    return 2;
  }
  Probe probe(std::move(config));
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << json::serialize(probe.Do(json::parse(line).as_object())) << "\n" << std::flush;
  }
  probe.Close();
  return 0;
}

}  // namespace
}  // namespace paddock::oidc

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: verify_probe CONFIG\n";
    return 2;
  }
  return paddock::oidc::Serve(argv[1]);
}
