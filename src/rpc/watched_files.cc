#include "rpc/watched_files.h"

#include <utility>

#include "base/log.h"

namespace paddock::rpc {
namespace {

constexpr std::chrono::seconds kPause{1};

}  // namespace

std::optional<certs::Identity> WatchedFiles::Renewed() {
  const auto now = std::chrono::steady_clock::now();
  if (now < look_at_) {
    return std::nullopt;
  }
  look_at_ = now + kPause;
  auto identity = certs::LoadFiles(files_, role_, std::chrono::system_clock::now());
  if (!identity) {
    if (complaint_ != identity.error().message) {
      complaint_ = std::move(identity).error().message;
      log::Error("the certificate was not read again: {}", complaint_);
    }
    return std::nullopt;
  }
  complaint_.clear();
  std::string texts = identity->certificate + identity->key + identity->authority;
  if (texts == last_) {
    return std::nullopt;
  }
  last_ = std::move(texts);
  return *std::move(identity);
}

}  // namespace paddock::rpc
