#include "oidc/provider.h"

#include <utility>

#include <fmt/format.h>

#include "oidc/cached_document.h"

namespace paddock::oidc {
namespace {

constexpr int kStatusOk = 200;

/// GETs `url`; any status but 200 is a failure. `client` outlives the task.
aio::Task<Result<std::string>> Download(HttpClient& client, std::string url, Deadline deadline) {
  HttpRequest request{.url = std::move(url), .form = {}, .authorization = {}};
  auto response = co_await client.Send(std::move(request), deadline);
  if (!response) {
    co_return Fail(std::move(response).error());
  }
  if (response->status != kStatusOk) {
    co_return Fail(Code::kUnavailable, fmt::format("it answered with status {}", response->status));
  }
  co_return std::move(response->body);
}

class MetadataSource final : public DocumentSource<ProviderMetadata> {
 public:
  MetadataSource(const std::string& issuer, HttpClient& client)
      : issuer_(issuer), client_(client) {}

  aio::Task<Result<ProviderMetadata>> Fetch(Moment /*now*/, Deadline deadline) override {
    const auto context = fmt::format("discovery of the OpenID provider {}", issuer_);
    auto text = co_await Download(client_, MetadataUrl(issuer_), deadline);
    if (!text) {
      co_return Fail(std::move(text).error().With(context));
    }
    auto metadata = ParseMetadata(*text, issuer_);
    if (!metadata) {
      co_return Fail(std::move(metadata).error().With(context));
    }
    co_return metadata;
  }

 private:
  const std::string& issuer_;  // Provider's
  HttpClient& client_;
};

class KeySource final : public DocumentSource<KeySet> {
 public:
  KeySource(const std::string& issuer,
            HttpClient& client,
            CachedDocument<ProviderMetadata>& metadata)
      : issuer_(issuer), client_(client), metadata_(metadata) {}

  aio::Task<Result<KeySet>> Fetch(Moment now, Deadline deadline) override {
    const auto context = fmt::format("keys of the OpenID provider {}", issuer_);
    auto metadata = co_await metadata_.Get(now, deadline);
    if (!metadata) {
      co_return Fail(std::move(metadata).error().With(context));
    }
    auto text = co_await Download(client_, (*metadata)->jwks_uri, deadline);
    if (!text) {
      co_return Fail(std::move(text).error().With(context));
    }
    auto keys = ParseKeySet(*text);
    if (!keys) {
      co_return Fail(std::move(keys).error().With(context));
    }
    co_return keys;
  }

 private:
  const std::string& issuer_;  // Provider's
  HttpClient& client_;
  CachedDocument<ProviderMetadata>& metadata_;
};

}  // namespace

class Provider::Documents {
 public:
  Documents(const std::string& issuer,
            HttpClient& client,
            const boost::asio::any_io_executor& executor,
            const RefreshPolicy& policy)
      : metadata_source_(issuer, client),
        metadata_(metadata_source_, executor, policy),
        key_source_(issuer, client, metadata_),
        keys_(key_source_, executor, policy) {}

  CachedDocument<ProviderMetadata>& metadata() noexcept { return metadata_; }
  CachedDocument<KeySet>& keys() noexcept { return keys_; }

 private:
  MetadataSource metadata_source_;
  CachedDocument<ProviderMetadata> metadata_;
  KeySource key_source_;
  CachedDocument<KeySet> keys_;
};

Provider::Provider(std::string issuer,
                   HttpClient& client,
                   boost::asio::any_io_executor executor,
                   const RefreshPolicy& policy)
    : issuer_(std::move(issuer)),
      documents_(std::make_unique<Documents>(issuer_, client, executor, policy)) {}

Provider::~Provider() = default;

aio::Task<Result<SharedMetadata>> Provider::Metadata(Moment now, Deadline deadline) {
  return documents_->metadata().Get(now, deadline);
}

aio::Task<Result<SharedKeys>> Provider::Keys(Moment now, Deadline deadline) {
  return documents_->keys().Get(now, deadline);
}

aio::Task<Result<SharedKeys>> Provider::NewerKeys(SharedKeys known, Moment now, Deadline deadline) {
  return documents_->keys().Newer(std::move(known), now, deadline);
}

// The keys first: their fetch waits for the metadata.
aio::Task<void> Provider::Close() {
  co_await documents_->keys().Close();
  co_await documents_->metadata().Close();
}

}  // namespace paddock::oidc
