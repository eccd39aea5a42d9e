// KnownSchemas: the schemas that a runner service has got, so that their digests stand for them.
//
// Bounded in number and bytes; what was not used for longest goes first. Whoever names one that is
// gone is asked for it again.
// Threading: loop thread. Ownership: shares the schemas.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <unordered_map>

#include "challenges/runner.h"

namespace paddock::rpc {

struct KnownSchemasLimits {
  std::size_t count = 512;
  std::size_t bytes = std::size_t{64} << 20U;  // of scripts
};

class KnownSchemas {
 public:
  explicit KnownSchemas(KnownSchemasLimits limits = {}) : limits_(limits) {}

  /// False when it is too large to be kept.
  bool Keep(const challenges::SchemaRef& schema);
  /// Null when there is none, or not any more.
  [[nodiscard]] challenges::SchemaRef Find(const std::string& digest);

  [[nodiscard]] std::size_t byte_count() const noexcept { return bytes_; }

 private:
  KnownSchemasLimits limits_;
  std::size_t bytes_ = 0;
  std::list<challenges::SchemaRef> schemas_;  // the last used first
  std::unordered_map<std::string, std::list<challenges::SchemaRef>::iterator> by_digest_;
};

}  // namespace paddock::rpc
