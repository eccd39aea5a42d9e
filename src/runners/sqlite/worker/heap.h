// HeapLimit: how much more memory SQLite may take from now on, until the end of a scope.
//
// Used around every run and every script. What it refuses ends in SQLITE_NOMEM.
// Threading: one thread; not nested.
#pragma once

#include <sqlite3.h>

#include <cstddef>

namespace paddock::runners::sqlite {

class HeapLimit {
 public:
  explicit HeapLimit(std::size_t more_bytes) {
    sqlite3_hard_heap_limit64(sqlite3_memory_used() + static_cast<sqlite3_int64>(more_bytes));
  }
  HeapLimit(const HeapLimit&) = delete;
  HeapLimit& operator=(const HeapLimit&) = delete;
  HeapLimit(HeapLimit&&) = delete;
  HeapLimit& operator=(HeapLimit&&) = delete;
  ~HeapLimit() { sqlite3_hard_heap_limit64(0); }
};

}  // namespace paddock::runners::sqlite
