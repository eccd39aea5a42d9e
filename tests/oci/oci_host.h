// OciHost: an OciDriver on directories, cgroups and an image of its own, for one test.
//
// The image is BusyBox, the first process is probe_agent.cc. Threading: the test's thread.
// Ownership: the destructor destroys every sandbox and removes all that it has made.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>

#include "aio/testing/run_on.h"
#include "drivers/oci/driver.h"
#include "host_state.h"
#include "sandbox/testing/driver_host.h"

namespace paddock::testing {

class OciHost final : public sandbox::testing::DriverHost {
 public:
  /// `directory` is that of another host, which keeps it; by default a new one.
  explicit OciHost(std::string runtime, std::filesystem::path directory = {});
  ~OciHost() override;
  OciHost(const OciHost&) = delete;
  OciHost& operator=(const OciHost&) = delete;

  boost::asio::io_context& loop() override { return loop_; }
  sandbox::Driver& driver() override { return *driver_; }
  std::string image() override { return "test"; }
  std::string missing() override { return missing_; }
  void Restart() override;

  template <class T>
  T Await(aio::Task<T> task) {
    return aio::testing::RunUntilDone(loop_, std::move(task));
  }

  /// Opens the driver (again). Fails as OciDriver::Open does.
  Result<void> Open();
  /// Ends the driver without a word to its sandboxes.
  void Close();

  /// A running sandbox with `limits`; aborts the test when it cannot be had.
  SandboxId Create(sandbox::Limits limits = {});
  void Destroy(const SandboxId& id);
  sandbox::State StateOf(const SandboxId& id);

  /// Where the group of `id` lies in the hierarchy of `controller`, or in the only one.
  std::string GroupOf(const SandboxId& id, const std::string& controller);

  /// What is left on the host, as soon as `is_settled` says so, at the latest after 10 s: the
  /// host's own first process reaps what has ended in its own time.
  HostState Settle(const std::function<bool(const HostState&)>& is_settled);

  /// Lets the driver's own tasks run for a while.
  void Wait(std::chrono::milliseconds duration);

  /// What `command` prints to standard output and error inside `id`, run by /bin/sh.
  std::string Run(const SandboxId& id, const std::string& command);

  [[nodiscard]] const drivers::oci::OciDriverConfig& config() const { return config_; }
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }
  [[nodiscard]] static Deadline Soon() { return Deadline::After(std::chrono::seconds(30)); }

 private:
  std::filesystem::path directory_;
  bool owns_directory_ = false;
  std::string missing_;
  drivers::oci::OciDriverConfig config_;
  boost::asio::io_context loop_;
  std::unique_ptr<drivers::oci::OciDriver> driver_;
};

/// Makes `root` a small root file system: BusyBox and the probes.
void MakeImageRoot(const std::filesystem::path& root);

}  // namespace paddock::testing
