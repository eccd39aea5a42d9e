#include "base/random.h"

#include <sys/random.h>

#include <cerrno>
#include <span>

#include "base/check.h"

namespace paddock {

void FillRandom(std::span<std::uint8_t> out) noexcept {
  while (!out.empty()) {
    const auto got = getrandom(out.data(), out.size(), 0);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    PADDOCK_CHECK(got > 0);
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

}  // namespace paddock
