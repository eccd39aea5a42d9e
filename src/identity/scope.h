// Scope, ScopeSet: what a credential may be used for, whoever holds it.
//
// A session in the browser has all scopes; a personal API token has those it was made with; a
// provider's token has those of its `scope` claim that are known here. Scopes narrow what a role
// may do and never widen it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace paddock::identity {

/// The values are bits of a ScopeSet.
enum class Scope : std::uint8_t {
  kWriteResource = 1U << 0U,  // write:resource: make, change, use and delete what is one's own
  kChallenge = 1U << 1U,      // challenge: run and submit challenges
  kReadSchema = 1U << 2U,     // read:schema
  kReadQuestion = 1U << 3U,   // read:question
  kReadSolution = 1U << 4U,   // read:solution
  kManageClass = 1U << 5U,    // manage:class: what teachers do
  kManageServer = 1U << 6U,   // manage:server: what admins do
};

class ScopeSet {
 public:
  constexpr ScopeSet() = default;
  [[nodiscard]] static constexpr ScopeSet All() { return ScopeSet(kAll); }

  [[nodiscard]] constexpr bool Has(Scope scope) const noexcept {
    return (bits_ & static_cast<std::uint8_t>(scope)) != 0;
  }
  constexpr void Add(Scope scope) noexcept { bits_ |= static_cast<std::uint8_t>(scope); }
  [[nodiscard]] constexpr bool empty() const noexcept { return bits_ == 0; }
  friend constexpr bool operator==(ScopeSet, ScopeSet) = default;

 private:
  static constexpr std::uint8_t kAll = 0x7F;
  constexpr explicit ScopeSet(std::uint8_t bits) : bits_(bits) {}
  std::uint8_t bits_ = 0;
};

[[nodiscard]] std::string_view Name(Scope scope) noexcept;
[[nodiscard]] std::optional<Scope> ParseScope(std::string_view name) noexcept;

/// Separated by single spaces, in the order above, as OAuth writes them.
[[nodiscard]] std::string ToText(ScopeSet scopes);
/// What of `text` is known here; the rest means nothing to us and is left out.
[[nodiscard]] ScopeSet ParseScopes(std::string_view text);

}  // namespace paddock::identity
