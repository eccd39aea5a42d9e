#include "bench/client/samples.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/check.h"

namespace paddock::bench {

std::string Samples::Json(std::string_view name) {
  PADDOCK_CHECK(!milliseconds_.empty());
  std::ranges::sort(milliseconds_);
  const auto at = [this](std::size_t percent) {
    return milliseconds_[milliseconds_.size() * percent / 100];
  };
  return fmt::format(R"("p50_{}":{:.4f},"p99_{}":{:.4f})", name, at(50), name, at(99));
}

}  // namespace paddock::bench
