// PreparedSchema: a schema with its data, run once and kept as an image, ready for many runs.
//
// Used by SchemaShelf. A run takes the shared database, where it is fast and leaves nothing, or a
// copy of its own. Threading: one thread. Ownership: the clock outlives it.
#pragma once

#include <chrono>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "runners/sqlite/worker/connection.h"

namespace paddock::runners::sqlite {

class PreparedSchema {
 public:
  /// Runs `script`. The failure is the database's, in words for the author.
  [[nodiscard]] static std::expected<PreparedSchema, std::string> Build(std::string_view script,
                                                                        RunClock& clock);

  /// The database of all runs that leave nothing behind; made when there is none.
  [[nodiscard]] Connection& Shared();
  /// The next run gets a new one: what this one is in now is not known.
  void DropShared() noexcept { shared_.reset(); }
  [[nodiscard]] std::unique_ptr<Connection> Copy() const;

  /// False when the script's data came by chance or by the clock.
  [[nodiscard]] bool deterministic() const noexcept { return deterministic_; }
  /// Memory that it may come to hold.
  [[nodiscard]] std::size_t byte_count() const noexcept { return 2 * image_size_; }

 private:
  struct Freer {
    void operator()(unsigned char* bytes) const noexcept { sqlite3_free(bytes); }
  };
  PreparedSchema(Connection& built, bool deterministic, RunClock& clock);
  [[nodiscard]] std::span<const unsigned char> image() const noexcept {
    return {image_.get(), image_size_};
  }

  RunClock* clock_;
  std::unique_ptr<unsigned char, Freer> image_;
  std::size_t image_size_ = 0;
  bool foreign_keys_;
  bool shared_changes_;
  bool deterministic_;
  std::unique_ptr<Connection> shared_;
};

inline constexpr std::chrono::seconds kBuildTimeMax{10};
inline constexpr std::size_t kImageBytesMax = std::size_t{64} << 20U;

}  // namespace paddock::runners::sqlite
