// Passwords: hashed by Argon2id, which costs memory, and checked without telling by the time taken
// whether there is anything to check against.
//
// Hashing runs on threads of its own; more than kWaitingMax at once are refused, so that a flood of
// sign-ins costs neither all memory nor the loop.
//
// Used by Accounts. Threading: loop thread only; the pool is its own. Ownership: destroy it when no
// call is pending.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/thread_pool.hpp>

#include "aio/task.h"
#include "base/quota.h"
#include "base/result.h"

namespace paddock::identity {

inline constexpr std::size_t kPasswordCharactersMin = 10;
inline constexpr std::size_t kPasswordBytesMax = 256;

/// What a hash costs. The default is above what OWASP asks for (19 MiB, 2 passes).
struct PasswordCost {
  std::uint32_t memory_kib = 32U << 10U;
  std::uint32_t passes = 3;
};

/// kInvalid, in words for who chooses it: too short, too long, the name itself, or one of those
/// that are tried first. Nothing is asked of the kinds of characters.
[[nodiscard]] Result<void> CheckNewPassword(std::string_view password, std::string_view name_key);

class PasswordHasher {
 public:
  static constexpr int kThreads = 2;
  static constexpr int kWaitingMax = 64;

  explicit PasswordHasher(PasswordCost cost = {});

  /// The PHC string, with a salt of its own. kExhausted: too many are waiting.
  [[nodiscard]] aio::Task<Result<std::string>> Hash(std::string password);

  /// Whether `hash` was made of `password`. Without a hash it takes as long, and is false. Fails
  /// with kExhausted, and kInternal (the hash is none).
  [[nodiscard]] aio::Task<Result<bool>> Verify(std::string password,
                                               std::optional<std::string> hash);

  /// Made with another cost than is asked for now.
  [[nodiscard]] bool IsOutdated(std::string_view hash) const;

  /// How often memory was filled: one for each Hash and each Verify, whatever they were given.
  [[nodiscard]] std::uint64_t work_count() const noexcept { return work_count_; }

 private:
  PasswordCost cost_;
  std::uint64_t work_count_ = 0;
  Quota places_{kThreads + kWaitingMax};
  boost::asio::thread_pool pool_{kThreads};
};

}  // namespace paddock::identity
