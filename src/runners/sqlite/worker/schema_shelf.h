// SchemaShelf: the schemas that a worker has prepared, the least used forgotten first.
//
// Used by ServeChallenges. Threading: one thread.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "runners/sqlite/worker/prepared_schema.h"

namespace paddock::runners::sqlite {

inline constexpr std::size_t kShelfBytesMax = std::size_t{192} << 20U;

class SchemaShelf {
 public:
  explicit SchemaShelf(std::size_t bytes_max = kShelfBytesMax) : bytes_max_(bytes_max) {}

  /// nullptr when it is not there. Valid until the next Put.
  [[nodiscard]] PreparedSchema* Find(std::string_view digest);
  PreparedSchema& Put(std::string_view digest, PreparedSchema schema);

 private:
  using Entry = std::pair<std::string, PreparedSchema>;

  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::list<Entry> entries_;  // the last used first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_digest_;  // views of entries_
};

}  // namespace paddock::runners::sqlite
