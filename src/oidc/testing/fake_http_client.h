// FakeHttpClient: an HttpClient whose answers a test writes down.
//
// Threading: one loop. Ownership: outlives every pending call.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "aio/condition.h"
#include "oidc/http_client.h"

namespace paddock::oidc::testing {

class FakeHttpClient final : public HttpClient {
 public:
  /// What each address answers; kUnavailable for all others.
  std::map<std::string, HttpResponse> answers;
  /// All that was asked for, in order.
  std::vector<HttpRequest> requests;

  void Answer(std::string url, std::string body, int status = 200) {
    answers[std::move(url)] = {.status = status, .body = std::move(body)};
  }

  /// From now on calls wait; until their deadline, if nobody calls Release.
  void Hold() { is_held_ = true; }
  void Release() {
    is_held_ = false;
    released_.NotifyAll();
  }

  [[nodiscard]] int CountOf(const std::string& url) const {
    return static_cast<int>(
        std::ranges::count_if(requests, [&url](const auto& sent) { return sent.url == url; }));
  }

  [[nodiscard]] aio::Task<Result<HttpResponse>> Send(HttpRequest request,
                                                     Deadline deadline) override {
    const std::string url = request.url;
    requests.push_back(std::move(request));
    while (is_held_) {
      auto released = co_await released_.Wait(deadline);
      if (!released) {
        co_return Fail(std::move(released).error());
      }
    }
    const auto answer = answers.find(url);
    if (answer == answers.end()) {
      co_return Fail(Code::kUnavailable, "no connection");
    }
    co_return answer->second;
  }

 private:
  bool is_held_ = false;
  aio::Condition released_;
};

}  // namespace paddock::oidc::testing
