// CurlClient: HttpClient with libcurl.
//
// Used by app/. Each call blocks a thread of a small pool of its own; more calls than threads wait
// their turn. It speaks https with TLS 1.2 or newer, http to loopback hosts only, follows no
// redirect, and reads at most kResponseBytesMax.
//
// Threading: as HttpClient. Ownership: destroy it when no call is pending; Stop() ends those that
// are.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include <boost/asio/thread_pool.hpp>

#include "aio/gate.h"
#include "oidc/http_client.h"

namespace paddock::oidc {

class CurlClient final : public HttpClient {
 public:
  static constexpr int kConcurrentMax = 4;

  /// `ca_file`: the certificates that servers are checked by, in PEM; empty: the system's.
  explicit CurlClient(std::string ca_file);
  ~CurlClient() override;

  /// From now on calls fail with kCancelled; those in flight within a second, for a thread that
  /// blocks can only be asked now and then.
  void Stop() noexcept { is_stopping_->store(true); }

  [[nodiscard]] aio::Task<Result<HttpResponse>> Send(HttpRequest request,
                                                     Deadline deadline) override;

 private:
  std::string ca_file_;
  std::shared_ptr<std::atomic<bool>> is_stopping_;
  aio::Gate gate_{kConcurrentMax};
  boost::asio::thread_pool pool_{kConcurrentMax};
};

}  // namespace paddock::oidc
