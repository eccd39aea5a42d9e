// BuildStage: turns a recipe into what mmdebstrap is given: scripts, configuration and arguments.
//
// Used by the builder. Everything that a recipe says becomes a file in the stage directory or one
// argument of a command: no text of a recipe is ever pasted into a shell program.
// Blocking; usable from any thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "images/recipe.h"

namespace paddock::images {

/// Part of every recipe's key: raise it when a change here alters what comes out.
inline constexpr std::string_view kBuilderVersion = "1";

struct StageInput {
  std::filesystem::path directory;         // exists and is empty
  std::filesystem::path rootfs;            // does not exist yet
  std::vector<std::string> sources;        // lines of a sources.list
  std::vector<std::string> acquire_lines;  // the host's apt options for downloads (proxy, …)
  std::string mmdebstrap;                  // program
};

/// Writes the stage and returns the command line. Fails like WriteFile.
[[nodiscard]] Result<std::vector<std::string>> WriteStage(const Recipe& recipe,
                                                          const StageInput& input);

/// The command that removes from a finished root file system what belongs to the build or to the
/// host, and fails when the recipe's boot program is missing.
[[nodiscard]] std::vector<std::string> TidyCommand(const Recipe& recipe,
                                                   const std::filesystem::path& rootfs);

/// The environment of both commands.
[[nodiscard]] std::vector<std::string> BuildEnvironment();

}  // namespace paddock::images
