// OutcomeCache: outcomes of runs by key, within a number of bytes and a lifetime.
//
// Used by CachedRunner. Most outcomes are never asked for again. They stay among the newcomers,
// who have a small part of the bytes; one that is found there moves among the proven, of whom the
// least used go first. So a flood of runs that nobody repeats takes little memory, which stays in
// the processor's caches, and pushes out nothing that is of use: the segments of Karedla, Love and
// Wherry, "Caching Strategies to Improve Disk System Performance" (1994).
//
// Threading: loop thread.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>

#include <boost/multi_index/hashed_index.hpp>
#include <boost/multi_index/member.hpp>
#include <boost/multi_index/sequenced_index.hpp>
#include <boost/multi_index_container.hpp>

#include "challenges/runner.h"

namespace paddock::challenges {

struct OutcomeCacheConfig {
  std::size_t newcomer_bytes_max = std::size_t{4} << 20U;
  std::size_t proven_bytes_max = std::size_t{60} << 20U;
  std::size_t outcome_bytes_max = std::size_t{1} << 20U;  // greater ones are not kept
  std::chrono::seconds lifetime{3600};
};

struct OutcomeCacheCounts {
  std::uint64_t kept = 0;
  std::uint64_t evicted = 0;
};

class OutcomeCache {
 public:
  using Key = std::array<unsigned char, 32>;  // of a good hash: any part of it is one
  using Clock = std::chrono::steady_clock;
  using Now = std::function<Clock::time_point()>;

  OutcomeCache(OutcomeCacheConfig config, Now now);

  /// Says of itself that it is from memory: RunOutcome::cached. Null when there is none.
  [[nodiscard]] RunOutcomeRef Find(const Key& key);
  void Keep(const Key& key, const RunOutcomeRef& outcome);

  [[nodiscard]] const OutcomeCacheCounts& counts() const noexcept { return counts_; }
  [[nodiscard]] std::size_t byte_count() const noexcept { return newcomers_.bytes + proven_.bytes; }

  struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept;
  };

 private:
  struct Entry {
    Key key;
    RunOutcomeRef outcome;  // as it was made, of a newcomer; else as one from memory
    std::size_t bytes = 0;
    Clock::time_point expires;
  };
  struct ByKey {};
  struct ByUse {};  // the last used first
  // One node for both orders: most are cold when they go.
  using Entries = boost::multi_index_container<
      Entry,
      boost::multi_index::indexed_by<
          boost::multi_index::hashed_unique<boost::multi_index::tag<ByKey>,
                                            boost::multi_index::member<Entry, Key, &Entry::key>,
                                            KeyHash>,
          boost::multi_index::sequenced<boost::multi_index::tag<ByUse>>>>;
  struct Segment {
    Entries entries;
    std::size_t bytes = 0;
  };

  void Put(Segment& segment, std::size_t bytes_max, Entry entry);
  static void Erase(Segment& segment, Entries::iterator entry);
  RunOutcomeRef Prove(Entries::iterator newcomer);

  OutcomeCacheConfig config_;
  Now now_;
  OutcomeCacheCounts counts_;
  Segment newcomers_;
  Segment proven_;
};

}  // namespace paddock::challenges
