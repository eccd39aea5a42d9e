// ExternalFixture: a registered database on a real server, behind a front on loopback.
#pragma once

#include <array>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aio/task_scope.h"
#include "aio/testing/run_on.h"
#include "certs/authority.h"
#include "egress/rules.h"
#include "images/testing/temp_directory.h"
#include "sql/testing/recording_sink.h"
#include "sqlrunner/link/dial.h"
#include "tcp_front.h"

namespace paddock::testing {

/// An authority, and a certificate for localhost, that outlive every server.
inline const std::filesystem::path& Certificates() {
  static const images::TempDirectory directory;
  static const std::filesystem::path path = [] {
    auto where = directory.path() / "ca";
    EXPECT_TRUE(certs::Authority::Create(where, {}));
    EXPECT_TRUE(certs::Authority(where).MakeServer("certificate", {"localhost"}, {}));
    return where;
  }();
  return path;
}

class ExternalFixture : public ::testing::Test {
 protected:
  using Sink = sql::testing::RecordingSink;

  ExternalFixture(std::string engine_name, std::string password)
      : engine_name_(std::move(engine_name)), password_(std::move(password)) {}

  void TearDown() override {
    CloseFront();
    Await(Ended(relays_));
  }
  void CloseFront() {
    if (front_) {
      Await(front_->Close());
    }
  }

  static Deadline Soon() { return Deadline::After(std::chrono::seconds(30)); }
  template <class T>
  T Await(aio::Task<T> task) {
    loop_.restart();
    return aio::testing::RunUntilDone(loop_, std::move(task));
  }
  [[nodiscard]] sqlrunner::ExternalAddress Address(std::string host, std::string tls) const {
    return {.engine = engine_name_,
            .host = std::move(host),
            .port = front_->port(),
            .database = database_,
            .user = reader_,
            .password = password_,
            .tls = std::move(tls)};
  }
  /// As the runner opens sessions there.
  [[nodiscard]] sql::OpenSpec Spec() const {
    return {.database = database_,
            .user = reader_,
            .password = password_,
            .application_name = "t",
            .read_only = true};
  }

  boost::asio::io_context loop_;
  aio::TaskScope relays_{loop_.get_executor()};
  std::unique_ptr<TcpFront> front_;
  egress::Rules rules_ =
      egress::Rules::Allowing(std::array<std::string, 2>{"127.0.0.0/8", "::1"}).value();
  std::string database_;
  std::string reader_;
  std::string engine_name_;
  std::string password_;

 private:
  static aio::Task<bool> Ended(aio::TaskScope& scope) {
    scope.Cancel();
    co_await scope.Join();
    co_return true;
  }
};

}  // namespace paddock::testing
