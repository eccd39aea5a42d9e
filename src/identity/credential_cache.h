// CredentialCache: the sessions and tokens looked up last, so that a client who sends the same one
// with every request costs no look-up in the store.
//
// What it says is believed for kTrustedMax: so long at most does something live on that another
// server process has revoked. What this process revokes is forgotten at once, and a look-up that
// was under way meanwhile is not remembered.
//
// Threading: loop thread only. Times are given by the caller, for tests.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "identity/principal.h"

namespace paddock::identity {

class CredentialCache {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;
  static constexpr std::size_t kCredentialsMax = 8192;
  static constexpr std::chrono::seconds kTrustedMax{5};

  explicit CredentialCache(std::size_t credentials_max = kCredentialsMax)
      : credentials_max_(credentials_max) {}

  /// Null for what is not here or has to be looked up again.
  [[nodiscard]] SharedPrincipal Find(std::string_view secret, SteadyTime now);

  /// Changes whenever something is forgotten because it no longer holds. Whoever looks something
  /// up asks before, and gives it to Remember.
  [[nodiscard]] std::uint64_t generation() const noexcept { return generation_; }
  void Remember(std::string_view secret,
                SharedPrincipal principal,
                SteadyTime trusted_until,
                std::uint64_t generation);

  using Predicate = std::function<bool(const Principal&)>;

  /// Forgets all whose principal is such, because they may not go on as they were.
  void ForgetIf(const Predicate& is_such);
  void ForgetUser(const UserId& user);
  void ForgetSession(const SessionId& session);
  /// All sessions of `user` but `kept`; tokens stay.
  void ForgetSessionsOf(const UserId& user, const std::optional<SessionId>& kept);
  void Forget(std::string_view secret);
  /// They may do what they could, but are called otherwise: looked up again, and nothing more.
  void RefreshUser(const UserId& user);

  /// Told of every ForgetIf, ForgetUser and ForgetSession: for what is open and is not asked again.
  void OnForgotten(std::function<void(const Predicate&)> listener) {
    on_forgotten_ = std::move(listener);
  }

  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  /// How many of one kind, for the status page.
  [[nodiscard]] std::size_t Count(CredentialKind kind) const noexcept;

 private:
  struct Entry {
    std::string secret;
    SharedPrincipal principal;
    SteadyTime trusted_until;
  };
  using Entries = std::list<Entry>;  // the most recently used first

  void Erase(Entries::iterator entry);
  void EraseIf(const Predicate& is_such);

  std::size_t credentials_max_;
  std::uint64_t generation_ = 0;
  std::function<void(const Predicate&)> on_forgotten_;
  Entries entries_;
  std::unordered_map<std::string_view, Entries::iterator> by_secret_;  // views into entries_
};

}  // namespace paddock::identity
