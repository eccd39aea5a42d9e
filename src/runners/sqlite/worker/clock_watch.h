// ClockWatch: SQLite's view of the system, without files, and with a note of who asks the time.
//
// Used by the worker. date('now'), CURRENT_TIME and every other way to the clock go through it, so
// whether a run depended on the time is known, not guessed. It opens, finds and deletes no file.
// Threading: one thread; the worker has no other.
#pragma once

namespace paddock::runners::sqlite {

class ClockWatch {
 public:
  static constexpr const char* kName = "paddock-no-files";

  /// Makes SQLite know it under kName. Once, before the first connection.
  static void Install();

  static void Reset() noexcept;
  /// Whether the time was asked for since Reset.
  [[nodiscard]] static bool was_asked() noexcept;
};

}  // namespace paddock::runners::sqlite
