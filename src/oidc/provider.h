// Provider: one OpenID Connect provider, by its issuer: its endpoints and its keys, both fetched
// when they are first needed and kept up to date.
//
// Used by TokenVerifier and Login. The server starts without it: as long as the provider does not
// answer, nobody signs in through it, and everything else works.
//
// Threading: loop thread only. Ownership: outlives the tasks that use it; the client outlives it.
// Its own fetches run in a scope that Close() ends.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "oidc/discovery.h"
#include "oidc/http_client.h"
#include "oidc/jwk.h"
#include "oidc/moment.h"
#include "oidc/refresh_schedule.h"

namespace paddock::oidc {

using SharedKeys = std::shared_ptr<const KeySet>;
using SharedMetadata = std::shared_ptr<const ProviderMetadata>;

class Provider {
 public:
  Provider(std::string issuer,
           HttpClient& client,
           boost::asio::any_io_executor executor,
           const RefreshPolicy& policy = {});
  Provider(const Provider&) = delete;
  Provider& operator=(const Provider&) = delete;
  ~Provider();

  /// Fails with kUnavailable (it does not answer, or answers nonsense; also while the pause after
  /// a failure runs), kDeadlineExceeded, kCancelled.
  [[nodiscard]] aio::Task<Result<SharedMetadata>> Metadata(Moment now, Deadline deadline);

  /// The keys; fails as Metadata. While the provider is down, the last ones serve for
  /// RefreshPolicy::stale_max.
  [[nodiscard]] aio::Task<Result<SharedKeys>> Keys(Moment now, Deadline deadline);

  /// Keys that are newer than `known`, for a token whose key is not among those; `known` itself
  /// when no fetch is due: however many ask, there is one in early_interval. Fails as Metadata.
  [[nodiscard]] aio::Task<Result<SharedKeys>> NewerKeys(SharedKeys known,
                                                        Moment now,
                                                        Deadline deadline);

  [[nodiscard]] const std::string& issuer() const noexcept { return issuer_; }

  /// Cancels and awaits its fetches. Nothing may be called afterwards.
  [[nodiscard]] aio::Task<void> Close();

 private:
  class Documents;

  std::string issuer_;
  std::unique_ptr<Documents> documents_;
};

}  // namespace paddock::oidc
