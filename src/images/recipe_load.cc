// Finding, merging and canonicalising recipes; their syntax is in recipe.cc.
#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "images/files.h"
#include "images/recipe.h"

namespace paddock::images {
namespace {

constexpr std::size_t kExtendsDepthMax = 4;
constexpr std::string_view kDefaultCwd = "/root";

Result<Recipe> LoadOne(const std::string& name, const RecipeReader& reader) {
  auto text = reader(name);
  if (!text) {
    return Fail(std::move(text).error());
  }
  auto recipe = ParseRecipe(text->text, text->file_name);
  if (recipe && recipe->name != name) {
    return Fail(Code::kInvalid, fmt::format("{}:1: name: must be '{}', as the file is called",
                                            text->file_name, name));
  }
  return recipe;
}

// `derived` on top of `base`.
Recipe Merge(Recipe base, Recipe derived) {
  base.name = std::move(derived.name);
  base.description = std::move(derived.description);
  for (std::string& package : derived.packages) {
    if (std::ranges::find(base.packages, package) == base.packages.end()) {
      base.packages.push_back(std::move(package));
    }
  }
  for (RecipeFile& file : derived.files) {
    std::erase_if(base.files, [&](const RecipeFile& other) { return other.path == file.path; });
    base.files.push_back(std::move(file));
  }
  std::ranges::move(derived.commands, std::back_inserter(base.commands));
  for (auto& [name, value] : derived.env) {
    base.env.insert_or_assign(name, std::move(value));
  }
  if (!derived.cwd.empty()) {
    base.cwd = std::move(derived.cwd);
  }
  if (!derived.boot.empty()) {
    base.boot = std::move(derived.boot);
  }
  base.minimum.memory = std::max(base.minimum.memory, derived.minimum.memory);
  base.minimum.disk = std::max(base.minimum.disk, derived.minimum.disk);
  base.minimum.process_count = std::max(base.minimum.process_count, derived.minimum.process_count);
  return base;
}

// Lengths in front, so that no value can imitate a following field.
void Append(std::string& text, std::string_view key, std::string_view value) {
  text += fmt::format("{}:{}:{}\n", key, value.size(), value);
}

}  // namespace

RecipeReader RecipesIn(std::filesystem::path directory) {
  return [folder = std::move(directory)](std::string_view name) -> Result<RecipeText> {
    if (!IsImageName(name)) {
      return Fail(Code::kInvalid, fmt::format("'{}' cannot be the name of an image", name));
    }
    const auto path = folder / fmt::format("{}.yaml", name);
    auto text = ReadFile(path);
    if (!text && text.error().code == Code::kNotFound) {
      return Fail(Code::kNotFound, fmt::format("there is no recipe {}", path.native()));
    }
    if (!text) {
      return Fail(std::move(text).error());
    }
    return RecipeText{.text = *std::move(text), .file_name = path.native()};
  };
}

Result<Recipe> LoadRecipe(std::string_view name, const RecipeReader& reader) {
  std::vector<Recipe> chain;  // the wanted one first
  std::string next(name);
  while (!next.empty()) {
    if (chain.size() == kExtendsDepthMax) {
      return Fail(Code::kInvalid, fmt::format("recipe '{}' extends more than {} others, or itself",
                                              name, kExtendsDepthMax - 1));
    }
    auto recipe = LoadOne(next, reader);
    if (!recipe) {
      return Fail(std::move(recipe).error());
    }
    next = recipe->extends;
    chain.push_back(*std::move(recipe));
  }
  Recipe merged = std::move(chain.back());
  chain.pop_back();
  while (!chain.empty()) {
    Recipe derived = std::move(chain.back());
    chain.pop_back();
    if (!derived.suite.empty() && derived.suite != merged.suite) {
      return Fail(Code::kInvalid,
                  fmt::format("recipe '{}': suite: must be '{}', as in the recipe that it extends",
                              derived.name, merged.suite));
    }
    merged = Merge(std::move(merged), std::move(derived));
  }
  merged.extends.clear();
  if (merged.cwd.empty()) {
    merged.cwd = kDefaultCwd;
  }
  return merged;
}

std::string CanonicalText(const Recipe& recipe) {
  std::string text;
  Append(text, "name", recipe.name);
  Append(text, "suite", recipe.suite);
  auto packages = recipe.packages;
  std::ranges::sort(packages);
  for (const std::string& package : packages) {
    Append(text, "package", package);
  }
  // In the order of the recipe, which is the order in which they are written and run.
  for (const RecipeFile& file : recipe.files) {
    Append(text, "path", file.path);
    Append(text, "mode", fmt::format("{:04o}", file.mode));
    Append(text, "before_packages", file.before_packages ? "true" : "false");
    Append(text, "content", file.content);
  }
  for (const std::string& command : recipe.commands) {
    Append(text, "command", command);
  }
  for (const auto& [name, value] : recipe.env) {
    Append(text, "env", name);
    Append(text, "value", value);
  }
  Append(text, "cwd", recipe.cwd);
  Append(text, "boot", recipe.boot);
  return text;
}

}  // namespace paddock::images
