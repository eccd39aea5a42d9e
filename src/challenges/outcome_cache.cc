#include "challenges/outcome_cache.h"

#include <cstring>
#include <memory>
#include <utility>

namespace paddock::challenges {
namespace {

std::size_t ByteCount(const RunOutcome& outcome) {
  constexpr std::size_t kOverhead = 512;  // the entry, its key and what points to it
  std::size_t bytes = kOverhead;
  for (const auto* const sets : {&outcome.results, &outcome.checks}) {
    for (const ResultSet& set : *sets) {
      bytes += sizeof(ResultSet) + set.rows.byte_count();
      for (const sql::Column& column : set.columns) {
        bytes += sizeof(sql::Column) + column.name.size() + column.type.size();
      }
    }
  }
  if (outcome.error) {
    bytes += outcome.error->message.size() + outcome.error->hint.size();
  }
  return bytes;
}

}  // namespace

OutcomeCache::OutcomeCache(OutcomeCacheConfig config, Now now)
    : config_(config), now_(std::move(now)) {}

std::size_t OutcomeCache::KeyHash::operator()(const Key& key) const noexcept {
  std::size_t hash = 0;
  std::memcpy(&hash, key.data(), sizeof hash);
  return hash;
}

RunOutcomeRef OutcomeCache::Find(const Key& key) {
  for (Segment* const segment : {&proven_, &newcomers_}) {
    const auto found = segment->entries.find(key);
    if (found == segment->entries.end()) {
      continue;
    }
    if (now_() >= found->expires) {
      Erase(*segment, found);
      return nullptr;
    }
    if (segment == &newcomers_) {
      return Prove(found);
    }
    auto& by_use = proven_.entries.get<ByUse>();
    by_use.relocate(by_use.begin(), proven_.entries.project<ByUse>(found));
    return found->outcome;
  }
  return nullptr;
}

void OutcomeCache::Keep(const Key& key, const RunOutcomeRef& outcome) {
  const std::size_t bytes = ByteCount(*outcome);
  if (bytes > config_.outcome_bytes_max) {
    return;
  }
  for (Segment* const segment : {&proven_, &newcomers_}) {
    if (const auto old = segment->entries.find(key); old != segment->entries.end()) {
      Erase(*segment, old);
    }
  }
  ++counts_.kept;
  Put(newcomers_, config_.newcomer_bytes_max,
      {.key = key, .outcome = outcome, .bytes = bytes, .expires = now_() + config_.lifetime});
}

RunOutcomeRef OutcomeCache::Prove(Entries::iterator newcomer) {
  RunOutcome from_memory = *newcomer->outcome;
  from_memory.cached = true;
  Entry entry = *newcomer;
  entry.outcome = std::make_shared<const RunOutcome>(std::move(from_memory));
  RunOutcomeRef outcome = entry.outcome;
  Erase(newcomers_, newcomer);
  Put(proven_, config_.proven_bytes_max, std::move(entry));
  return outcome;
}

void OutcomeCache::Put(Segment& segment, std::size_t bytes_max, Entry entry) {
  segment.bytes += entry.bytes;
  auto& by_use = segment.entries.get<ByUse>();
  by_use.push_front(std::move(entry));
  while (segment.bytes > bytes_max) {
    ++counts_.evicted;
    Erase(segment, segment.entries.project<ByKey>(std::prev(by_use.end())));
  }
}

void OutcomeCache::Erase(Segment& segment, Entries::iterator entry) {
  segment.bytes -= entry->bytes;
  segment.entries.erase(entry);
}

}  // namespace paddock::challenges
