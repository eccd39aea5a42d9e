#include <memory>

#include <gtest/gtest.h>

#include "oci_host.h"
#include "sandbox/testing/driver_contract.h"

namespace paddock::sandbox::testing {
namespace {

const DriverUnderTest kCrun{
    .name = "Crun", .make = [] { return std::make_unique<paddock::testing::OciHost>("crun"); }};
const DriverUnderTest kRunc{
    .name = "Runc", .make = [] { return std::make_unique<paddock::testing::OciHost>("runc"); }};
const DriverUnderTest kRunsc{
    .name = "Runsc", .make = [] { return std::make_unique<paddock::testing::OciHost>("runsc"); }};

INSTANTIATE_TEST_SUITE_P(Oci,
                         DriverContract,
                         ::testing::Values(kCrun, kRunc, kRunsc),
                         [](const auto& parameter) { return parameter.param.name; });

}  // namespace
}  // namespace paddock::sandbox::testing
