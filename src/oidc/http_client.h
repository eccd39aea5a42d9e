// HttpClient: the seam between OpenID Connect and whatever sends HTTP requests.
//
// Implementations: curl/curl_client.h and testing/fake_http_client.h.
//
// Threading: call from the loop thread; completions arrive there. Calls may overlap. Ownership:
// outlives every pending call.
#pragma once

#include <cstddef>
#include <string>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"

namespace paddock::oidc {

inline constexpr std::size_t kResponseBytesMax = std::size_t{1} << 20U;

struct HttpRequest {
  std::string url;  // https, or http to a loopback host
  // Of these two one at most is not empty: POSTed as application/x-www-form-urlencoded, or as
  // application/json.
  std::string form = {};      // NOLINT: may be left out
  std::string json = {};      // NOLINT: may be left out
  std::string authorization;  // the header's value; secret
  bool is_put = false;        // of `json`: PUT
};

struct HttpResponse {
  int status = 0;
  std::string body;  // at most kResponseBytesMax
};

class HttpClient {
 public:
  HttpClient() = default;
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  virtual ~HttpClient() = default;

  /// Sends `request` and gives the whole answer, whatever its status; redirects are not followed.
  /// Fails with kInvalid (an address that ParseUrl refuses), kUnavailable (no connection, a
  /// certificate that does not hold, an answer that is too long), kDeadlineExceeded, kCancelled.
  /// Neither the form nor the authorization is part of a message.
  [[nodiscard]] virtual aio::Task<Result<HttpResponse>> Send(HttpRequest request,
                                                             Deadline deadline) = 0;
};

}  // namespace paddock::oidc
