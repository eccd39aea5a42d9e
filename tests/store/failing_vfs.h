// FailingVfs: SQLite's file system, of which the n-th change fails.
//
// Registered under the name "failing". A write that fails has written half of its bytes. Threading:
// any; the counters are atomic.
#pragma once

namespace paddock::testing {

enum class DiskFault {
  kNone,
  kFull,    // a write finds no room, once
  kBroken,  // a write, truncation, sync or deletion fails, once
  kGone,    // so does every one after it
};

class FailingVfs {
 public:
  static constexpr const char* kName = "failing";

  static void Register();
  /// The n-th change from now on fails, n = 1, 2, ….
  static void Arm(DiskFault fault, int n);
  static void Disarm();
  /// Since it was armed.
  [[nodiscard]] static bool HasFailed();
};

}  // namespace paddock::testing
