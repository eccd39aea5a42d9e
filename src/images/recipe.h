// Recipe: how an image is made, as a person writes it in images/<name>.yaml (docs/images.md).
//
// Used by the builder. A recipe may extend another one: its packages, files, commands and
// environment are then added to those of the other. Reading is strict, and every error names file,
// line and field.
//
// Plain values; usable from any thread. Reading blocks.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "images/image.h"

namespace paddock::images {

struct RecipeFile {
  std::string path;  // absolute, inside the image
  int mode = 0644;
  std::string content;
  bool before_packages = false;  // written before the packages are installed, to configure them
  friend bool operator==(const RecipeFile&, const RecipeFile&) = default;
};

struct Recipe {
  std::string name;
  std::map<std::string, std::string> description;  // "en" and "zh"
  std::string extends;                             // name of another recipe, or ""
  std::string suite;                               // may only be empty where `extends` is not
  std::vector<std::string> packages;
  std::vector<RecipeFile> files;
  std::vector<std::string> commands;  // shell texts, run as root in the image, in this order
  std::map<std::string, std::string> env;
  std::string cwd;
  std::string boot;
  MinimumLimits minimum;
};

/// Reads one recipe as written. Fails with kInvalid: one line for each problem, as
/// "base.yaml:12: files[1].mode: must be an octal number from 0000 to 0777".
[[nodiscard]] Result<Recipe> ParseRecipe(std::string_view text, std::string_view file_name);

/// The text of a recipe and the file name to show in messages.
struct RecipeText {
  std::string text;
  std::string file_name;
};

/// Finds a recipe by name. Fails with kNotFound or kUnavailable.
using RecipeReader = std::function<Result<RecipeText>(std::string_view name)>;

/// Reads DIRECTORY/<name>.yaml.
[[nodiscard]] RecipeReader RecipesIn(std::filesystem::path directory);

/// Reads `name` and all that it extends, merged: the result extends nothing and has a suite.
/// Fails with kNotFound, kUnavailable or kInvalid.
[[nodiscard]] Result<Recipe> LoadRecipe(std::string_view name, const RecipeReader& reader);

/// A text that is equal for equal recipes only, however they were written down. Descriptions and
/// minimum limits do not count: they change nothing in the root file system.
[[nodiscard]] std::string CanonicalText(const Recipe& recipe);

}  // namespace paddock::images
