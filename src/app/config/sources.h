// Sources: what the command line, the environment and the configuration file say, by name.
//
// Used by Load (loader.h). A reader knows names and forms only; OptionSet::Take checks the values.
// All that is wrong is found at once, one line each; no line repeats a value, for it may be a
// secret.
//
// Threading: at start. Ownership: the results are copies.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "app/config/option_set.h"

namespace paddock::app::config {

struct Reading {
  std::vector<Setting> settings;
  std::vector<std::string> errors;
  std::vector<std::string> warnings;
  bool wants_help = false;  // --help or -h is among the flags
};

/// "--name value", "--name=value", and "--name" alone for a switch. A list may come in parts.
[[nodiscard]] Reading ReadFlags(const OptionSet& set, std::span<const std::string> arguments);

/// The PADDOCK_* of `entries`, "NAME=value" each; an empty one counts as not there. One that no
/// option has is a warning, but for PADDOCK_TEST_*, which is the tests' own.
[[nodiscard]] Reading ReadEnvironment(const OptionSet& set, std::span<const std::string> entries);

/// The keys of the TOML file at `path`. A file that others may read must not hold a secret.
[[nodiscard]] Reading ReadConfigFile(const OptionSet& set, const std::string& path);

}  // namespace paddock::app::config
