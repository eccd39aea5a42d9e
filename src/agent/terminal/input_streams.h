// InputStreams: what each client has typed, counted, so that a reconnect neither doubles nor loses
// a key. Remembers the clients that typed last, a bounded number, and all that are needed.
// Threading: one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <list>
#include <string_view>

namespace paddock::agent::terminal {

/// Names the input stream of one browser tab.
using ClientId = std::array<char, 16>;

inline constexpr std::size_t kClientCountMax = 32;

class InputStreams {
 public:
  enum class Refusal : std::uint8_t { kGap };

  /// The part of `bytes`, whose first has number `sequence`, that is new; empty when none is.
  /// For a stream that is new another may be forgotten, but none of a client that `is_needed`.
  [[nodiscard]] std::expected<std::string_view, Refusal> Take(
      const ClientId& client,
      std::uint64_t sequence,
      std::string_view bytes,
      const std::function<bool(const ClientId&)>& is_needed);
  /// The sequence that is expected next; zero for a client that is not remembered.
  [[nodiscard]] std::uint64_t Expected(const ClientId& client) const noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return streams_.size(); }

 private:
  struct Stream {
    ClientId client{};
    std::uint64_t expected = 0;
  };

  void ForgetOne(const std::function<bool(const ClientId&)>& is_needed);

  std::list<Stream> streams_;  // who typed last stands first
};

}  // namespace paddock::agent::terminal
