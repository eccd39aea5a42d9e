// Moment: one instant on both clocks.
//
// Tokens expire by the wall clock; pauses between fetches are measured on the steady one, which
// nobody sets. Whoever calls this part says when it is, so that tests move time by hand.
//
// Threading: plain value.
#pragma once

#include <chrono>

namespace paddock::oidc {

using SystemTime = std::chrono::system_clock::time_point;
using SteadyTime = std::chrono::steady_clock::time_point;

struct Moment {
  SystemTime wall;
  SteadyTime steady;

  [[nodiscard]] static Moment Now() {
    return {.wall = std::chrono::system_clock::now(), .steady = std::chrono::steady_clock::now()};
  }
};

}  // namespace paddock::oidc
