// ServiceProcess: `paddock runner` or `paddock question-service` as a process of its own, and a
// certificate to speak to it.
//
// For tests that ask the same of a service in this process and in another one.
// Threading: any one thread; service() blocks until the process listens.
// Ownership: the process ends with the object.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "images/testing/temp_directory.h"
#include "rpc/remote.h"

namespace paddock::testing {

class ServiceProcess {
 public:
  /// `words` are a paddock, its verb and flags; those of the link named `link` are added.
  ServiceProcess(std::string link, std::vector<std::string> words);
  ServiceProcess(const ServiceProcess&) = delete;
  ServiceProcess& operator=(const ServiceProcess&) = delete;
  ~ServiceProcess();

  /// Where it is, once it is ready.
  [[nodiscard]] rpc::RemoteService service();

 private:
  void MakeCertificates() const;
  void Start(std::vector<std::string> words);
  void ReadPort();
  [[nodiscard]] certs::TlsFiles FilesOf(const std::string& name) const;

  std::string link_;
  images::TempDirectory directory_;
  pid_t pid_ = 0;
  UniqueFd said_;  // its standard error
  std::string port_;
};

}  // namespace paddock::testing
