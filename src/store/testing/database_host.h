// DatabaseHost: a store that the contract suites open, close and open again.
//
// Threading: the test's thread runs the loop.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "base/result.h"
#include "store/database.h"

namespace paddock::store::testing {

class DatabaseHost {
 public:
  DatabaseHost() = default;
  DatabaseHost(const DatabaseHost&) = delete;
  DatabaseHost& operator=(const DatabaseHost&) = delete;
  virtual ~DatabaseHost() = default;

  /// Why this implementation cannot be tested here; empty when it can.
  [[nodiscard]] virtual std::string missing() const { return {}; }

  /// Opens the store of this host, which is empty at first and keeps what is written until the host
  /// is destroyed. `loop` outlives it. Each kind of host says whether two may be open at once.
  [[nodiscard]] virtual Result<std::unique_ptr<Database>> Open(boost::asio::io_context& loop) = 0;
};

struct StoreUnderTest {
  std::string name;
  std::function<std::unique_ptr<DatabaseHost>()> make;
};

}  // namespace paddock::store::testing
