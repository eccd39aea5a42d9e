#include "runners/sqlite/worker/schema_shelf.h"

namespace paddock::runners::sqlite {

PreparedSchema* SchemaShelf::Find(std::string_view digest) {
  const auto found = by_digest_.find(digest);
  if (found == by_digest_.end()) {
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, found->second);
  return &found->second->second;
}

PreparedSchema& SchemaShelf::Put(std::string_view digest, PreparedSchema schema) {
  bytes_ += schema.byte_count();
  entries_.emplace_front(std::string(digest), std::move(schema));
  by_digest_[entries_.front().first] = entries_.begin();
  while (bytes_ > bytes_max_ && entries_.size() > 1) {
    bytes_ -= entries_.back().second.byte_count();
    by_digest_.erase(entries_.back().first);
    entries_.pop_back();
  }
  return entries_.front().second;
}

}  // namespace paddock::runners::sqlite
