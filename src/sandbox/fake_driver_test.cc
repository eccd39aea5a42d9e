#include "sandbox/testing/fake_driver.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "sandbox/testing/driver_contract.h"

namespace paddock::sandbox::testing {
namespace {

class FakeHost final : public DriverHost {
 public:
  boost::asio::io_context& loop() override { return loop_; }
  Driver& driver() override { return driver_; }
  std::string image() override { return "base"; }

 private:
  boost::asio::io_context loop_;
  FakeDriver driver_;
};

const DriverUnderTest kFake{.name = "Fake", .make = [] { return std::make_unique<FakeHost>(); }};

INSTANTIATE_TEST_SUITE_P(Drivers,
                         DriverContract,
                         ::testing::Values(kFake),
                         [](const auto& parameter) { return parameter.param.name; });

}  // namespace
}  // namespace paddock::sandbox::testing
