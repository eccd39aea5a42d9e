// PADDOCK_CHECK: an invariant of our own code, checked in release builds too.
//
// Never for outside input: what a user, a file or a sandbox sends is answered with an Error.
#pragma once

namespace paddock {

[[noreturn]] void CheckFailed(const char* condition, const char* file, int line) noexcept;

}  // namespace paddock

// A macro, because only a macro can print the condition and the place.
#define PADDOCK_CHECK(condition)                              \
  do {                                                        \
    if (!(condition)) [[unlikely]] {                          \
      ::paddock::CheckFailed(#condition, __FILE__, __LINE__); \
    }                                                         \
  } while (false)
