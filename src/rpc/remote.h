// What both sides need to know to speak to each other from process to process.
//
// Filled by app/ from flags. There is no way to have such a connection without certificates.
#pragma once

#include <string>
#include <vector>

#include "certs/check.h"

namespace paddock::rpc {

/// How a service lets clients on other hosts, or in other processes, in.
struct RemoteAccess {
  std::string address;  // "10.0.0.5:3007", "[::]:3007"
  certs::TlsFiles files;
  std::vector<std::string> clients;  // the names in their certificates
  std::string option = "--clients";  // where these are said, for who is not among them
};

/// How a client finds such a service.
struct RemoteService {
  std::string address;  // "node.example:3007"; the host must stand in the service's certificate
  certs::TlsFiles files;
};

}  // namespace paddock::rpc
