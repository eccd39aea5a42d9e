// ServiceHostTest: a ServiceHost on a port of its own over mutual TLS, for a client "gateway".
//
// A test adds its services with Listen, and calls Stop before they go.
// Threading: the test's thread runs the loop. Ownership: the services are the test's.
#pragma once

#include <chrono>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "aio/testing/run_on.h"
#include "certs/authority.h"
#include "certs/check.h"
#include "images/testing/temp_directory.h"
#include "rpc/credentials.h"
#include "rpc/grpc_setup.h"
#include "rpc/services/service_host.h"

namespace paddock::rpc::testing {

class ServiceHostTest : public ::testing::Test {
 protected:
  ServiceHostTest() {
    [[maybe_unused]] static const bool is_set_up = (SetUpGrpc(), true);
    auto made =
        certs::Authority::Create(directory_.path() / "ca", {.valid = certs::kAuthorityDays});
    EXPECT_TRUE(made) << made.error().message;
    EXPECT_TRUE(Authority().MakeServer("runner", {"localhost"}, {}));
    host_.emplace(loop_.get_executor());
  }

  void Listen(std::initializer_list<grpc::Service*> services) {
    for (grpc::Service* service : services) {
      host_->Add(*service);
    }
    auto listening =
        host_->Listen({.address = "localhost:0", .files = Files("runner"), .clients = {"gateway"}});
    EXPECT_TRUE(listening) << listening.error().message;
  }
  void Stop() {
    auto stop = [](ServiceHost& host) -> aio::Task<bool> {
      co_await host.Shutdown();
      co_return true;
    };
    Await(stop(*host_));
    host_.reset();
  }

  [[nodiscard]] certs::Authority Authority() const {
    return certs::Authority(directory_.path() / "ca");
  }
  [[nodiscard]] certs::TlsFiles Files(const std::string& name) const {
    const auto place = directory_.path() / "ca";
    return {.certificate = place / (name + ".pem"),
            .key = place / (name + ".key"),
            .authority = place / "ca.pem"};
  }
  RemoteService As(const std::string& client) {
    EXPECT_TRUE(Authority().MakeClient(client, {}));
    return {.address = "localhost:" + std::to_string(host_->port()), .files = Files(client)};
  }
  std::shared_ptr<grpc::Channel> ChannelAs(const std::string& client) {
    const auto service = As(client);
    auto identity =
        certs::LoadFiles(service.files, certs::Role::kClient, std::chrono::system_clock::now());
    EXPECT_TRUE(identity) << identity.error().message;
    return grpc::CreateCustomChannel(service.address, CredentialsFor(*identity), RemoteSettings());
  }
  template <class T>
  T Await(aio::Task<T> task) {
    return aio::testing::RunUntilDone(loop_, std::move(task));
  }
  static Deadline Soon() { return Deadline::After(std::chrono::seconds(20)); }

  boost::asio::io_context loop_;
  images::TempDirectory directory_;
  std::optional<ServiceHost> host_;
};

}  // namespace paddock::rpc::testing
