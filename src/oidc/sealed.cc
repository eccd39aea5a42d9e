#include "oidc/sealed.h"

#include <chrono>
#include <cstdint>
#include <utility>

namespace paddock::oidc {
namespace {

constexpr std::size_t kTimeBytes = 8;
constexpr std::string_view kKeyLabel = "paddock sealed text 1";

std::string TimeBytes(SystemTime time) {
  const auto count = static_cast<std::uint64_t>(
      std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count());
  std::string bytes;
  for (unsigned i = 0; i < kTimeBytes; ++i) {
    bytes.push_back(static_cast<char>(static_cast<std::uint8_t>(count >> (56U - 8U * i))));
  }
  return bytes;
}

SystemTime TimeFrom(std::string_view bytes) {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < kTimeBytes; ++i) {
    count = count << 8U | static_cast<std::uint8_t>(bytes[i]);
  }
  return SystemTime(std::chrono::milliseconds(static_cast<std::int64_t>(count)));
}

}  // namespace

Sealer::Sealer(const Secret& secret) : sealer_(secret, kKeyLabel) {}

Result<std::string> Sealer::Seal(std::string_view purpose,
                                 std::string_view text,
                                 SystemTime expires_at) const {
  return sealer_.Seal(purpose, TimeBytes(expires_at) + std::string(text));
}

Result<std::string> Sealer::Open(std::string_view purpose,
                                 std::string_view sealed,
                                 SystemTime now) const {
  auto plain = sealer_.Open(purpose, sealed);
  if (!plain || plain->size() < kTimeBytes || now >= TimeFrom(*plain)) {
    return Fail(Code::kDenied, "what was kept is not ours or has expired");
  }
  return plain->substr(kTimeBytes);
}

}  // namespace paddock::oidc
