// DriverHost: a driver with all that it needs to run, as DriverContract wants it.
//
// Implemented beside each driver's tests. Threading: the test's thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "sandbox/driver.h"

namespace paddock::sandbox::testing {

/// Where a driver under test lives: the loop, the driver, and the name of an image it has.
class DriverHost {
 public:
  virtual ~DriverHost() = default;
  virtual boost::asio::io_context& loop() = 0;
  virtual Driver& driver() = 0;
  virtual std::string image() = 0;
  /// Why it cannot run on this machine; "" when it can.
  virtual std::string missing() { return {}; }
  /// Ends the driver, or what it speaks to, without a word to the sandboxes, and starts it again:
  /// driver() is another one. Nothing to do where nothing may outlive the driver.
  virtual void Restart() {}
};

struct DriverUnderTest {
  std::string name;
  std::function<std::unique_ptr<DriverHost>()> make;
};

}  // namespace paddock::sandbox::testing
