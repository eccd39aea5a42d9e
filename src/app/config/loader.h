// Load: brings all sources into an OptionSet, in their order: file, environment, flags.
//
// Used by app/settings. Threading: at start. Ownership: the report is a copy.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "app/config/option_set.h"

namespace paddock::app::config {

struct Inputs {
  std::span<const std::string> arguments;    // after the verb
  std::span<const std::string> environment;  // "NAME=value"
  std::string file_default;                  // read when it exists and no other is named
};

struct Report {
  std::vector<std::string> errors;    // all of them, one line each; empty: every value is in place
  std::vector<std::string> warnings;  // what is odd, and not in the way
  std::vector<Setting> flags;
  std::string file;  // the configuration that was read; empty: none
  bool wants_help = false;
};

/// Needs an option "config" with Reach::kFlagAndEnvironment.
[[nodiscard]] Report Load(OptionSet& set, const Inputs& inputs);

/// Those of `flags` that a child which is `process` takes too, without those of one verb only:
/// "--name=value".
[[nodiscard]] std::vector<std::string> FlagsFor(Process process,
                                                const OptionSet& set,
                                                const std::vector<Setting>& flags);

}  // namespace paddock::app::config
