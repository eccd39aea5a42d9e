// ProviderFixture: a provider behind a FakeHttpClient, on a loop and a clock that a test moves.
//
// Base of the tests of Provider, TokenVerifier and Login.
//
// Threading: one thread.
#pragma once

#include <chrono>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "aio/testing/run_on.h"
#include "oidc/provider.h"
#include "oidc/testing/fake_http_client.h"
#include "oidc/testing/signing_key.h"

namespace paddock::oidc::testing {

class ProviderFixture : public ::testing::Test {
 protected:
  static constexpr std::string_view kIssuer = "https://id.example.com";
  static constexpr std::string_view kJwksUrl = "https://id.example.com/jwks";
  static constexpr std::string_view kTokenUrl = "https://id.example.com/token";
  static constexpr std::string_view kUserInfoUrl = "https://id.example.com/me";

  ProviderFixture() { AnswerMetadata(); }
  void TearDown() override { Run(CloseProvider()); }

  void AnswerMetadata(std::string_view more = "") {
    client_.Answer(MetadataUrl(kIssuer),
                   fmt::format(R"({{"issuer":"{0}","authorization_endpoint":"{0}/auth",
                               "token_endpoint":"{1}","jwks_uri":"{2}"{3}}})",
                               kIssuer, kTokenUrl, kJwksUrl, more));
  }
  void AnswerKeys(std::initializer_list<std::string> keys) {
    client_.Answer(std::string(kJwksUrl), KeySetJson(keys));
  }
  /// Nothing answers any more.
  void GoDown() { client_.answers.clear(); }

  void Pass(std::chrono::seconds time) {
    now_.wall += time;
    now_.steady += time;
  }

  template <class T>
  T Run(aio::Task<T> task) {
    return aio::testing::RunUntilDone(loop_, std::move(task));
  }
  [[nodiscard]] static Deadline Soon() { return Deadline::After(std::chrono::minutes(1)); }

  [[nodiscard]] int KeyFetches() const { return client_.CountOf(std::string(kJwksUrl)); }

  boost::asio::io_context loop_;
  FakeHttpClient client_;
  Provider provider_{std::string(kIssuer), client_, loop_.get_executor()};
  Moment now_{.wall = SystemTime(std::chrono::seconds(1'800'000'000)),
              .steady = SteadyTime(std::chrono::hours(1000))};

 private:
  aio::Task<bool> CloseProvider() {
    co_await provider_.Close();
    co_return true;
  }
};

}  // namespace paddock::oidc::testing
