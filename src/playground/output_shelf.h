// OutputShelf: results that somebody may ask for again, for an hour after they last did.
//
// An output's id is the hash of what is in it, so equal results are one, and comparing ids compares
// results. Bounded in bytes: whoever was asked for longest ago goes first.
// Threading: one thread. Ownership: readers share what they got.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <string>
#include <unordered_map>

#include "playground/services.h"

namespace paddock::playground {

inline constexpr std::chrono::hours kOutputTime{1};
inline constexpr std::size_t kShelfBytesMax = std::size_t{64} << 20U;

class OutputShelf {
 public:
  using Clock = std::chrono::steady_clock;

  explicit OutputShelf(std::size_t bytes_max = kShelfBytesMax) : bytes_max_(bytes_max) {}

  /// The output's id: 64 hexadecimal digits.
  [[nodiscard]] std::string Put(Output output, Clock::time_point now);
  /// Null when there is no such output, or none any more.
  [[nodiscard]] OutputRef Find(const std::string& id, Clock::time_point now);

 private:
  struct Entry {
    std::string id;
    OutputRef output;
    std::size_t bytes = 0;
    Clock::time_point used_at;
  };
  using Entries = std::list<Entry>;  // the one asked for last is first

  void Use(Entries::iterator entry, Clock::time_point now);
  void DropOld(Clock::time_point now);

  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  Entries entries_;
  std::unordered_map<std::string, Entries::iterator> by_id_;
};

}  // namespace paddock::playground
