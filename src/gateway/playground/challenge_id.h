// ChallengeIds: the texts that name a query which somebody has run, for the one who ran it.
//
// A text is base64url of
//   version u8 (1) | question i64, big-endian | HMAC-SHA-256 (32) | the output's id
// The MAC covers all the rest and the user, under a label: what somebody else was given, or made
// up, names nothing. It is compared in constant time, and before the rest is believed.
//
// Threading: const; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "identity/secret.h"
#include "model/ids.h"

namespace paddock::gateway {

inline constexpr std::size_t kOutputIdBytesMax = 128;

struct ChallengeId {
  std::int64_t question = 0;
  std::string output;  // its id, as playground::DbRunner gave it
  friend bool operator==(const ChallengeId&, const ChallengeId&) = default;
};

class ChallengeIds {
 public:
  explicit ChallengeIds(const identity::Secret& secret) : secret_(secret) {}

  /// `id.output` has from 1 to kOutputIdBytesMax bytes.
  [[nodiscard]] std::string Write(const ChallengeId& id, const UserId& user) const;
  /// kInvalid: not such a text at all; kNotFound: not made here for this user.
  [[nodiscard]] Result<ChallengeId> Read(std::string_view text, const UserId& user) const;

 private:
  [[nodiscard]] std::string Mac(std::string_view head,
                                std::string_view output,
                                const UserId& user) const;

  identity::Secret secret_;
};

}  // namespace paddock::gateway
