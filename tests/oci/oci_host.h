// OciHost: an OciDriver on directories, cgroups and an image of its own, for one test.
//
// The image is BusyBox, the first process is probe_agent.cc. Threading: the test's thread.
// Ownership: the destructor destroys every sandbox and removes all that it has made.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>

#include "aio/testing/run_on.h"
#include "drivers/oci/driver.h"
#include "sandbox/testing/driver_host.h"

namespace paddock::testing {

class OciHost final : public sandbox::testing::DriverHost {
 public:
  explicit OciHost(std::string runtime);
  ~OciHost() override;
  OciHost(const OciHost&) = delete;
  OciHost& operator=(const OciHost&) = delete;

  boost::asio::io_context& loop() override { return loop_; }
  sandbox::Driver& driver() override { return *driver_; }
  std::string image() override { return "test"; }
  std::string missing() override { return missing_; }

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

  /// What `command` prints to standard output and error inside `id`, run by /bin/sh.
  std::string Run(const SandboxId& id, const std::string& command);

  [[nodiscard]] const drivers::oci::OciDriverConfig& config() const { return config_; }
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }
  [[nodiscard]] static Deadline Soon() { return Deadline::After(std::chrono::seconds(30)); }

 private:
  void MakeImage();

  std::filesystem::path directory_;
  std::string missing_;
  drivers::oci::OciDriverConfig config_;
  boost::asio::io_context loop_;
  std::unique_ptr<drivers::oci::OciDriver> driver_;
};

/// Makes `root` a small root file system: BusyBox and the probe of system calls.
void MakeImageRoot(const std::filesystem::path& root);

}  // namespace paddock::testing
