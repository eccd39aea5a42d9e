#include "rpc/services/known_schemas.h"

namespace paddock::rpc {

bool KnownSchemas::Keep(const challenges::SchemaRef& schema) {
  if (Find(schema->digest) != nullptr) {
    return true;
  }
  const std::size_t size = schema->script.size();
  if (size > limits_.bytes || limits_.count == 0) {
    return false;
  }
  while (schemas_.size() >= limits_.count || bytes_ + size > limits_.bytes) {
    bytes_ -= schemas_.back()->script.size();
    by_digest_.erase(schemas_.back()->digest);
    schemas_.pop_back();
  }
  schemas_.push_front(schema);
  by_digest_.emplace(schema->digest, schemas_.begin());
  bytes_ += size;
  return true;
}

challenges::SchemaRef KnownSchemas::Find(const std::string& digest) {
  const auto found = by_digest_.find(digest);
  if (found == by_digest_.end()) {
    return nullptr;
  }
  schemas_.splice(schemas_.begin(), schemas_, found->second);
  return schemas_.front();
}

}  // namespace paddock::rpc
