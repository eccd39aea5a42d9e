// DatabaseFile: the file that a database is in, before SQLite touches it.
//
// Used by SqliteDatabase. Threading: blocks; any thread. Ownership: holds the lock until destroyed.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "base/unique_fd.h"

namespace paddock::stores::sqlite {

/// Written into the header of each of our files ("Padk"), so that another program's is known.
inline constexpr int kApplicationId = 0x5061646B;

class DatabaseFile {
 public:
  /// For the one process that writes: takes the lock `path`.lock, creates the file (mode 0600) when
  /// it is missing, and makes that durable. kConflict: another process serves from it. kInvalid: it
  /// is no database of Paddock's; it is left as it is. kNotFound, kDenied, kDiskFull, kUnavailable.
  [[nodiscard]] static Result<DatabaseFile> OpenToWrite(const std::filesystem::path& path);

  /// For a process that reads only, beside one that writes. Fails as OpenToWrite.
  [[nodiscard]] static Result<DatabaseFile> OpenToRead(const std::filesystem::path& path);

  /// There is nothing in it yet.
  [[nodiscard]] bool is_new() const noexcept { return is_new_; }

 private:
  DatabaseFile(UniqueFd lock, bool is_new) : lock_(std::move(lock)), is_new_(is_new) {}

  UniqueFd lock_;  // none for a reader
  bool is_new_;
};

}  // namespace paddock::stores::sqlite
