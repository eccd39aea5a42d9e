// RunnerProcess: `paddock runner` as a process of its own, and a certificate to speak to it.
//
// For tests that ask the same of a runner in this process and in another one.
// Threading: any one thread; the constructor blocks until the runner listens.
// Ownership: the process ends with the object.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/unique_fd.h"
#include "images/testing/temp_directory.h"
#include "rpc/remote.h"

namespace paddock::testing {

class RunnerProcess {
 public:
  /// `program` is the paddock to run.
  explicit RunnerProcess(const std::string& program);
  RunnerProcess(const RunnerProcess&) = delete;
  RunnerProcess& operator=(const RunnerProcess&) = delete;
  ~RunnerProcess();

  [[nodiscard]] rpc::RemoteService service() const;

 private:
  void MakeCertificates() const;
  void Start(const std::string& program);
  void ReadPort();
  [[nodiscard]] certs::TlsFiles FilesOf(const std::string& name) const;

  images::TempDirectory directory_;
  pid_t pid_ = 0;
  UniqueFd said_;  // its standard error
  std::string port_;
};

}  // namespace paddock::testing
