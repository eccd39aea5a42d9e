#include "oidc/curl/curl_client.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <mutex>
#include <string_view>
#include <utility>

#include <curl/curl.h>
#include <fmt/format.h>

#include "aio/offload.h"
#include "base/check.h"
#include "oidc/url.h"

namespace paddock::oidc {
namespace {

// A caller without a deadline does not keep a thread for ever.
constexpr std::chrono::milliseconds kCallMax{60'000};

using Stop = std::shared_ptr<std::atomic<bool>>;

struct EasyCleanup {
  void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, EasyCleanup>;

struct ListFree {
  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, ListFree>;

std::size_t TakeBytes(char* bytes, std::size_t size, std::size_t count, void* body) {
  auto& text = *static_cast<std::string*>(body);
  if (size * count > kResponseBytesMax - text.size()) {
    return 0;  // libcurl takes it for a failed write
  }
  text.append(bytes, size * count);
  return size * count;
}

int ReportStop(
    void* stop, curl_off_t /*d*/, curl_off_t /*dn*/, curl_off_t /*u*/, curl_off_t /*un*/) {
  return static_cast<std::atomic<bool>*>(stop)->load() ? 1 : 0;
}

/// Remembers whether any option was refused: a client that is less strict than asked for must not
/// be used.
class Options {
 public:
  explicit Options(CURL* easy) : easy_(easy) {}

  template <class T>
  void Set(CURLoption option, T value) {
    is_good_ = curl_easy_setopt(easy_, option, value) == CURLE_OK && is_good_;
  }
  [[nodiscard]] bool is_good() const noexcept { return is_good_; }

 private:
  CURL* easy_;
  bool is_good_ = true;
};

void Append(List& list, const std::string& header) {
  curl_slist* const longer = curl_slist_append(list.get(), header.c_str());
  PADDOCK_CHECK(longer != nullptr);
  std::ignore = list.release();
  list.reset(longer);
}

void SetConnection(Options& options, const Url& url, const std::string& ca_file) {
  options.Set(CURLOPT_PROTOCOLS_STR, url.is_loopback ? "http,https" : "https");
  options.Set(CURLOPT_FOLLOWLOCATION, 0L);
  options.Set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  options.Set(CURLOPT_SSL_VERIFYPEER, 1L);
  options.Set(CURLOPT_SSL_VERIFYHOST, 2L);
  if (!ca_file.empty()) {
    options.Set(CURLOPT_CAINFO, ca_file.c_str());
    options.Set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  }
  if (url.is_loopback) {
    options.Set(CURLOPT_NOPROXY, "*");
  }
}

void SetBody(Options& options, const HttpRequest& request) {
  const std::string& body = request.form.empty() ? request.json : request.form;
  if (body.empty()) {
    return;
  }
  options.Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  options.Set(CURLOPT_POSTFIELDS, body.c_str());
  if (request.is_put) {
    options.Set(CURLOPT_CUSTOMREQUEST, "PUT");
  }
}

std::unexpected<Error> Failure(CURLcode code, std::string_view detail, const Url& url) {
  if (code == CURLE_OPERATION_TIMEDOUT) {
    return Fail(Code::kDeadlineExceeded, fmt::format("{} did not answer in time", url.host));
  }
  if (code == CURLE_ABORTED_BY_CALLBACK) {
    return Fail(Code::kCancelled, "the server is stopping");
  }
  if (code == CURLE_WRITE_ERROR) {
    return Fail(Code::kUnavailable,
                fmt::format("{} sent an answer of over {} bytes", url.host, kResponseBytesMax));
  }
  if (code == CURLE_PEER_FAILED_VERIFICATION) {
    return Fail(Code::kUnavailable,
                fmt::format("the certificate of {} does not hold ({}): if a private authority "
                            "signed it, name that with --oidc-ca-file",
                            url.host, detail));
  }
  return Fail(Code::kUnavailable, fmt::format("{}: {}", url.host, detail));
}

/// Blocks until `deadline` at the latest.
Result<HttpResponse> Perform(const HttpRequest& request,
                             const std::string& ca_file,
                             Deadline deadline,
                             const Stop& stop) {
  const auto url = ParseUrl(request.url);
  if (!url) {
    return Fail(url.error());
  }
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline.when() - Deadline::Clock::now());
  if (left.count() <= 0) {
    return Fail(Code::kDeadlineExceeded, fmt::format("{} was not asked in time", url->host));
  }
  const Easy easy(curl_easy_init());
  PADDOCK_CHECK(easy != nullptr);
  HttpResponse response;
  std::array<char, CURL_ERROR_SIZE> detail{};
  List headers;
  Append(headers, "Accept: application/json");
  if (!request.authorization.empty()) {
    Append(headers, "Authorization: " + request.authorization);
  }
  if (request.form.empty() && !request.json.empty()) {
    Append(headers, "Content-Type: application/json");
  }
  Options options(easy.get());
  options.Set(CURLOPT_URL, request.url.c_str());
  options.Set(CURLOPT_NOSIGNAL, 1L);
  options.Set(CURLOPT_TIMEOUT_MS, static_cast<long>(std::min(left, kCallMax).count()));
  options.Set(CURLOPT_ERRORBUFFER, detail.data());
  options.Set(CURLOPT_HTTPHEADER, headers.get());
  options.Set(CURLOPT_USERAGENT, "paddock");
  options.Set(CURLOPT_WRITEFUNCTION, &TakeBytes);
  options.Set(CURLOPT_WRITEDATA, &response.body);
  options.Set(CURLOPT_NOPROGRESS, 0L);
  options.Set(CURLOPT_XFERINFOFUNCTION, &ReportStop);
  options.Set(CURLOPT_XFERINFODATA, stop.get());
  SetConnection(options, *url, ca_file);
  SetBody(options, request);
  if (!options.is_good()) {
    return Fail(Code::kInternal, "this libcurl lacks an option that is needed");
  }
  const CURLcode code = curl_easy_perform(easy.get());
  if (code != CURLE_OK) {
    const char* const general = curl_easy_strerror(code);
    return Failure(code, detail.front() != '\0' ? detail.data() : general, *url);
  }
  long status = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  response.status = static_cast<int>(status);
  return response;
}

}  // namespace

CurlClient::CurlClient(std::string ca_file)
    : ca_file_(std::move(ca_file)), is_stopping_(std::make_shared<std::atomic<bool>>(false)) {
  static std::once_flag once;
  std::call_once(once, [] { PADDOCK_CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK); });
}

CurlClient::~CurlClient() {
  Stop();
  pool_.join();
}

aio::Task<Result<HttpResponse>> CurlClient::Send(HttpRequest request, Deadline deadline) {
  auto pass = co_await gate_.Enter(deadline);
  if (!pass) {
    co_return Fail(std::move(pass).error());
  }
  auto call = [kept = std::move(request), ca_file = ca_file_, deadline, stop = is_stopping_] {
    return Perform(kept, ca_file, deadline, stop);
  };
  co_return co_await aio::Offload(pool_, std::move(call));
}

}  // namespace paddock::oidc
