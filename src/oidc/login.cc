#include "oidc/login.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <openssl/crypto.h>

#include "base/check.h"
#include "base/encoding.h"
#include "base/log.h"
#include "base/random.h"
#include "oidc/evp.h"
#include "oidc/jwt.h"
#include "oidc/strict_json.h"
#include "oidc/url.h"
#include "oidc/verifier.h"

namespace paddock::oidc {
namespace json = boost::json;

namespace {

constexpr std::string_view kPurpose = "oidc login";
constexpr std::size_t kCodeBytesMax = 4096;
constexpr std::size_t kLoggedBytesMax = 200;

/// What must come back with the browser, sealed.
struct PendingLogin {
  std::string state;
  std::string nonce;
  std::string code_verifier;
  std::string redirect_uri;
  std::string return_to;
  std::string context;
};

struct PendingField {
  std::string_view name;
  std::string PendingLogin::* field;
};
constexpr auto kPendingFields = std::to_array<PendingField>({
    {"state", &PendingLogin::state},
    {"nonce", &PendingLogin::nonce},
    {"code_verifier", &PendingLogin::code_verifier},
    {"redirect_uri", &PendingLogin::redirect_uri},
    {"return_to", &PendingLogin::return_to},
    {"context", &PendingLogin::context},
});

std::string ToText(const PendingLogin& pending) {
  json::object object;
  for (const auto& [name, field] : kPendingFields) {
    object.emplace(name, pending.*field);
  }
  return json::serialize(object);
}

std::optional<PendingLogin> FromText(std::string_view text) {
  const auto object = ParseStrictJson(text, Sealer::kSealedBytesMax);
  if (!object) {
    return std::nullopt;
  }
  PendingLogin pending;
  for (const auto& [name, field] : kPendingFields) {
    pending.*field = TextMember(*object, name, Sealer::kSealedBytesMax).value_or("");
  }
  return pending;
}

std::string RandomText() {
  std::array<std::uint8_t, 32> bytes{};
  FillRandom(bytes);
  return Base64UrlEncode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::string Hash(const EVP_MD* digest, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned length = 0;
  PADDOCK_CHECK(EVP_Digest(text.data(), text.size(), hash.data(), &length, digest, nullptr) == 1);
  return {hash.begin(), hash.begin() + length};
}

/// OpenID Connect Core 3.1.3.6: the left half of the hash that goes with the signature.
std::string AccessTokenHash(Algorithm algorithm, std::string_view access_token) {
  const EVP_MD* digest = EVP_sha512();
  if (Name(algorithm).ends_with("256")) {
    digest = EVP_sha256();
  } else if (Name(algorithm).ends_with("384")) {
    digest = EVP_sha384();
  }
  const std::string hash = Hash(digest, access_token);
  return Base64UrlEncode(std::string_view(hash).substr(0, hash.size() / 2));
}

bool IsSame(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::unexpected<Error> Misplaced() {
  return Fail(Code::kDenied,
              "this sign-in was started in another browser or took too long: sign in again");
}

/// RFC 6749 4.1.2.1 and OpenID Connect Core 3.1.2.6, for whoever is signing in.
std::unexpected<Error> ProviderRefusal(std::string_view error, std::string_view provider_name) {
  if (error == "access_denied") {
    return Fail(Code::kDenied, fmt::format("sign-in was cancelled or refused at {}: try again, or "
                                           "ask for access there",
                                           provider_name));
  }
  if (error == "login_required" || error == "consent_required" || error == "interaction_required" ||
      error == "account_selection_required") {
    return Fail(Code::kDenied,
                fmt::format("{} could not finish the sign-in: sign in again", provider_name));
  }
  if (error == "server_error" || error == "temporarily_unavailable") {
    return Fail(Code::kUnavailable,
                fmt::format("{} cannot sign anybody in at the moment: try again in a while",
                            provider_name));
  }
  return Fail(Code::kInternal,
              fmt::format("{} refused this server's request ('{}'): an administrator must check "
                          "the --oidc- options and the client's settings at the provider",
                          provider_name, PercentEncode(error.substr(0, kLoggedBytesMax))));
}

/// Only with the right state: nobody else can make us log or show anything.
Result<void> CheckCallback(const LoginCallback& callback,
                           const ProviderMetadata& metadata,
                           std::string_view provider_name) {
  const bool is_issuer_missing = callback.issuer.empty() && metadata.has_callback_issuer;
  if (is_issuer_missing || (!callback.issuer.empty() && callback.issuer != metadata.issuer)) {
    return Fail(Code::kDenied, "the answer came from another provider: sign in again");
  }
  if (!callback.error.empty()) {
    const std::string_view description = callback.error_description;
    log::Warn("the OpenID provider refused a sign-in: {}: {}",
              callback.error.substr(0, kLoggedBytesMax), description.substr(0, kLoggedBytesMax));
    return ProviderRefusal(callback.error, provider_name);
  }
  if (callback.code.empty() || callback.code.size() > kCodeBytesMax) {
    return Fail(Code::kDenied, "the provider's answer has no code: sign in again");
  }
  return {};
}

bool IsDescribed(const Claims& claims, const OidcConfig& config) {
  return !claims.email.empty() && !(claims.name.empty() && claims.preferred_username.empty()) &&
         (config.role_claim.empty() || !claims.roles.empty());
}

}  // namespace

Login::Login(OidcConfig config,
             Provider& provider,
             HttpClient& client,
             const Sealer::Secret& secret)
    : config_(std::move(config)), provider_(provider), client_(client), sealer_(secret) {}

aio::Task<Result<StartedLogin>> Login::Start(LoginRequest request, Moment now, Deadline deadline) {
  auto metadata = co_await provider_.Metadata(now, deadline);
  if (!metadata) {
    co_return Fail(std::move(metadata).error());
  }
  PendingLogin pending{.state = RandomText(),
                       .nonce = RandomText(),
                       .code_verifier = RandomText(),
                       .redirect_uri = std::move(request.redirect_uri),
                       .return_to = std::move(request.return_to),
                       .context = std::move(request.context)};
  auto cookie = sealer_.Seal(kPurpose, ToText(pending), now.wall + kLifetime);
  if (!cookie) {
    co_return Fail(std::move(cookie).error());
  }
  const std::string challenge = Base64UrlEncode(Hash(EVP_sha256(), pending.code_verifier));
  Parameters query{{"response_type", "code"},
                   {"client_id", config_.client_id},
                   {"redirect_uri", pending.redirect_uri},
                   {"scope", ScopesOf(config_)},
                   {"state", pending.state},
                   {"nonce", pending.nonce},
                   {"code_challenge", challenge},
                   {"code_challenge_method", "S256"}};
  if (!config_.resource.empty()) {
    query.emplace_back("resource", config_.resource);
  }
  const std::string& endpoint = (*metadata)->authorization_endpoint;
  const std::string_view separator = endpoint.find('?') == std::string::npos ? "?" : "&";
  StartedLogin started{.url = fmt::format("{}{}{}", endpoint, separator, FormEncode(query)),
                       .cookie = *std::move(cookie)};
  co_return started;
}

aio::Task<Result<FinishedLogin>> Login::Finish(LoginCallback callback,
                                               std::string cookie,
                                               Moment now,
                                               Deadline deadline) {
  const auto text = sealer_.Open(kPurpose, cookie, now.wall);
  auto pending = text ? FromText(*text) : std::nullopt;
  if (!pending || pending->state.empty() || !IsSame(pending->state, callback.state)) {
    co_return Misplaced();
  }
  auto metadata = co_await provider_.Metadata(now, deadline);
  if (!metadata) {
    co_return Fail(std::move(metadata).error());
  }
  if (auto checked = CheckCallback(callback, **metadata, DisplayNameOf(config_)); !checked) {
    co_return Fail(std::move(checked).error());
  }
  CodeGrant grant{.code = std::move(callback.code),
                  .code_verifier = std::move(pending->code_verifier),
                  .redirect_uri = std::move(pending->redirect_uri)};
  auto claims = co_await ClaimsFor(std::move(grant), std::move(pending->nonce),
                                   *std::move(metadata), now, deadline);
  if (!claims) {
    co_return Fail(std::move(claims).error());
  }
  FinishedLogin finished{.claims = *std::move(claims),
                         .return_to = std::move(pending->return_to),
                         .context = std::move(pending->context)};
  co_return finished;
}

aio::Task<Result<Claims>> Login::ClaimsFor(
    CodeGrant grant, std::string nonce, SharedMetadata metadata, Moment now, Deadline deadline) {
  auto tokens = co_await ExchangeCode(config_, metadata, client_, std::move(grant), deadline);
  if (!tokens) {
    co_return Fail(std::move(tokens).error());
  }
  TokenRules rules{.issuer = config_.issuer,
                   .audience = config_.client_id,
                   .role_claim = config_.role_claim,
                   .use = TokenUse::kIdentity};
  auto claims = co_await VerifyToken(tokens->id_token, std::move(rules), provider_, now, deadline);
  if (!claims) {
    co_return Fail(std::move(claims).error().With("id_token"));
  }
  if (auto checked = CheckIdentity(*claims, *tokens, nonce); !checked) {
    co_return Fail(std::move(checked).error().With("id_token"));
  }
  // An access token for a resource of its own is not for the provider's userinfo.
  if (IsDescribed(*claims, config_) || metadata->userinfo_endpoint.empty() ||
      tokens->access_token.empty() || !config_.resource.empty()) {
    co_return claims;
  }
  HttpRequest request{.url = metadata->userinfo_endpoint,
                      .form = {},
                      .authorization = "Bearer " + tokens->access_token};
  co_return co_await FetchUserInfo(*std::move(claims), config_.role_claim, std::move(request),
                                   client_, deadline);
}

Result<void> Login::CheckIdentity(const Claims& claims,
                                  const IssuedTokens& tokens,
                                  std::string_view nonce) const {
  if (nonce.empty() || !IsSame(claims.nonce, nonce)) {
    return Fail(Code::kDenied,
                "the provider's answer was not made for this sign-in: sign in again");
  }
  const bool needs_party = claims.audience.size() > 1 || !claims.authorized_party.empty();
  if (needs_party && claims.authorized_party != config_.client_id) {
    return Fail(Code::kDenied, "the provider's answer was made for another client (azp)");
  }
  if (!claims.access_token_hash.empty()) {
    const auto token = ParseJwt(tokens.id_token);
    if (!token ||
        claims.access_token_hash != AccessTokenHash(token->algorithm, tokens.access_token)) {
      return Fail(
          Code::kDenied,
          "the access token in the provider's answer is not the one that it vouches for (at_hash)");
    }
  }
  return {};
}

}  // namespace paddock::oidc
