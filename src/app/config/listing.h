// Listing: the options of a set as people read them: help, values with their sources, an example.
//
// Used by the verbs of app/. No secret is in any of it. Threading: pure functions.
#pragma once

#include <string>

#include "app/config/option_set.h"

namespace paddock::app::config {

/// One line for each flag that the set's process takes, under the headings.
[[nodiscard]] std::string HelpText(const OptionSet& set);

/// Each option with its value and where that is from.
[[nodiscard]] std::string ValueTable(const OptionSet& set);

/// A TOML file with every option, commented out, at its default. Ends with a newline.
[[nodiscard]] std::string ExampleFile(const OptionSet& set);

/// "`listen`", "`127.0.0.1:3006`", what it means: a row for docs/configuration.md.
[[nodiscard]] std::string DocumentedRow(const Option& option);

}  // namespace paddock::app::config
