// Builder: makes an image out of a recipe with mmdebstrap, unless it is there already.
//
// Used by `paddock images build` and by the first start. An image is complete or absent: it is made
// in a directory of its own and gets its final name when everything is on disk; what a killed
// builder leaves behind is removed by the next one. Two builders of one data directory take turns.
//
// Needs root and the packages mmdebstrap and util-linux. Blocking, for a minute or more; use from
// one thread, which must outlive the build. docs/images.md says what is done to a root file system.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "base/deadline.h"
#include "base/result.h"
#include "images/build_progress.h"
#include "images/catalog.h"
#include "images/image.h"
#include "images/recipe.h"

namespace paddock::images {

/// Where a builder finds what it needs of the host. Tests put others in their places.
struct BuildHost {
  std::string mmdebstrap = "mmdebstrap";
  std::filesystem::path apt_directory = "/etc/apt";
  std::filesystem::path os_release = "/etc/os-release";
};

/// Called from inside Build whenever there is something to show.
using ProgressVisitor = std::function<void(const Progress& progress)>;

class Builder {
 public:
  Builder(Catalog catalog, BuildHost host, ProgressVisitor visitor);

  /// The image of `recipe` (merged, see LoadRecipe). An image with the same recipe and builder is
  /// returned at once, and its name points to it from then on; `refresh` builds again and so takes
  /// in newer packages.
  /// Fails with kDiskFull, kDeadlineExceeded, kUnavailable (a program, the mirror or
  /// a command of the recipe failed; the message ends with the last lines of the log and with the
  /// file that keeps all of it) or kInvalid (the recipe names an unknown package).
  [[nodiscard]] Result<Image> Build(const Recipe& recipe, bool refresh, Deadline deadline);

 private:
  class Work;

  Catalog catalog_;
  BuildHost host_;
  ProgressVisitor visitor_;
};

/// What decides whether an image must be built again: recipe and builder.
[[nodiscard]] std::string RecipeKey(const Recipe& recipe);

}  // namespace paddock::images
