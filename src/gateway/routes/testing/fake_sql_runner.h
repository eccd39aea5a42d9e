// FakeSqlRunner: stands where the SQL runner listens, and opens whatever it is asked to.
//
// A password of "wrong" is refused as a role that may write. Threading: threads of its own, which
// end with the object.
#pragma once

#include <sys/un.h>

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/unique_fd.h"
#include "images/testing/temp_directory.h"
#include "sqlrunner/link/dial.h"

namespace paddock::gateway::testing {

class FakeSqlRunner {
 public:
  FakeSqlRunner();
  FakeSqlRunner(const FakeSqlRunner&) = delete;
  FakeSqlRunner& operator=(const FakeSqlRunner&) = delete;
  ~FakeSqlRunner();

  [[nodiscard]] std::string socket() const { return (directory_.path() / "sql.sock").string(); }
  /// The addresses that it was given to dial, in order.
  [[nodiscard]] std::vector<sqlrunner::ExternalAddress> given();
  /// Waits until `count` conversations have ended, for a while at most: whether they have.
  [[nodiscard]] bool AwaitEnded(std::size_t count);

 private:
  void Serve();
  void Converse(int connection);

  images::TempDirectory directory_;
  UniqueFd listener_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<sqlrunner::ExternalAddress> given_;
  std::size_t ended_count_ = 0;
  std::vector<UniqueFd> connections_;
  std::vector<std::jthread> conversations_;
  std::jthread thread_;
};

}  // namespace paddock::gateway::testing
