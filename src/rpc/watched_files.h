// WatchedFiles: notices that a service's certificate has been renewed.
//
// Used by both sides of a connection between hosts. gRPC's own watcher takes whatever it finds:
// with a key and a certificate that do not fit it has nothing left, where we keep what we had.
// Threads: one at a time. Blocks for a moment, at most once a second.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "certs/check.h"

namespace paddock::rpc {

class WatchedFiles {
 public:
  WatchedFiles(certs::TlsFiles files, certs::Role role) : files_(std::move(files)), role_(role) {}

  /// What to use from now on, when that is not what was returned before. Files that cannot be used
  /// are complained about once, and what was returned before stays in use.
  [[nodiscard]] std::optional<certs::Identity> Renewed();

 private:
  certs::TlsFiles files_;
  certs::Role role_;
  std::string last_;  // the three texts
  std::string complaint_;
  std::chrono::steady_clock::time_point look_at_;
};

}  // namespace paddock::rpc
