// The verbs of the `paddock` binary. Each lives in a file of its own, reads its options
// (Settings, or CLI11 where they are only its own), wires the adapters it needs (app/ is the only
// part that names one) and returns the exit status.
//
// Exit status: 0 done, 1 failed (the reason is on standard error), 2 wrong usage.
#pragma once

#include <span>
#include <string_view>

namespace paddock::app {

/// `arguments` starts with the verb itself.
using Command = int (*)(std::span<char*> arguments);

struct Verb {
  std::string_view name;
  std::string_view summary;  // empty: for Paddock itself to start, and not listed
  Command run;
};

/// All verbs, in the order in which `paddock help` shows them.
[[nodiscard]] std::span<const Verb> Verbs() noexcept;

}  // namespace paddock::app
