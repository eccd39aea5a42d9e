#include "app/images_command.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include "app/build_screen.h"
#include "app/settings.h"
#include "base/deadline.h"
#include "base/result.h"
#include "images/builder.h"
#include "images/catalog.h"
#include "images/files.h"
#include "images/recipe.h"
#include "images/shipped.h"

namespace paddock::app {
namespace {

constexpr int kTimeoutDefaultS = 3600;
constexpr std::size_t kDigestHexShown = 12;
constexpr std::string_view kDigestPrefix = "sha256:";

struct Options {
  std::filesystem::path data_dir;
  std::filesystem::path recipes;  // empty: the shipped ones
  std::vector<std::string> names;
  int timeout_s = kTimeoutDefaultS;
  bool refresh = false;
};

int Report(const Error& error) {
  fmt::print(stderr, "paddock images: {}\n", error.message);
  return 1;
}

std::string_view HexOf(const images::Image& image) {
  return std::string_view(image.digest).substr(kDigestPrefix.size());
}

double Mebibytes(Bytes size) { return static_cast<double>(size.count) / (1U << 20U); }

images::RecipeReader ReaderFor(const Options& options) {
  return options.recipes.empty() ? images::ShippedRecipes() : images::RecipesIn(options.recipes);
}

int List(const Options& options) {
  const auto catalog = images::Catalog::Open(options.data_dir);
  if (!catalog) {
    return Report(catalog.error());
  }
  const auto built = catalog->List();
  if (!built) {
    return Report(built.error());
  }
  fmt::print("{:<12} {:<12} {:<9} {:>9}  {:<16} {}\n", "NAME", "DIGEST", "SUITE", "SIZE", "BUILT",
             "DESCRIPTION");
  std::map<std::string, bool> seen;
  for (const images::Image& image : *built) {
    const auto current = catalog->Find(image.name);
    const bool is_current = current && current->digest == image.digest;
    seen[image.name] = true;
    const auto english = image.description.find("en");
    fmt::print("{:<12} {:<12} {:<9} {:>5.0f} MiB  {:%Y-%m-%d %H:%M} {}{}\n", image.name,
               HexOf(image).substr(0, kDigestHexShown), image.suite, Mebibytes(image.size),
               fmt::gmtime(image.built_at), is_current ? "" : "(replaced) ",
               english == image.description.end() ? "" : english->second);
  }
  for (const std::string_view name : images::ShippedRecipeNames()) {
    if (!seen.contains(std::string(name))) {
      fmt::print("{:<12} not built     (paddock images build {})\n", name, name);
    }
  }
  return 0;
}

int BuildOne(const Options& options, const images::Catalog& catalog, const std::string& name) {
  const auto recipe = images::LoadRecipe(name, ReaderFor(options));
  if (!recipe) {
    return Report(recipe.error());
  }
  BuildScreen screen(name);
  images::Builder builder(catalog, images::BuildHost{},
                          [&](const images::Progress& progress) { screen.Show(progress); });
  const auto deadline = Deadline::After(std::chrono::seconds(options.timeout_s));
  const auto image = builder.Build(*recipe, options.refresh, deadline);
  screen.Finish();
  if (!image) {
    return Report(image.error());
  }
  fmt::print("image {} is ready: {} ({:.0f} MiB, {:.1f} s)\n", name,
             HexOf(*image).substr(0, kDigestHexShown), Mebibytes(image->size),
             static_cast<double>(screen.Elapsed().count()) / 1000);
  return 0;
}

int Build(const Options& options) {
  if (geteuid() != 0) {
    fmt::print(stderr, "paddock images: building needs root (sudo paddock images build …)\n");
    return 1;
  }
  const auto catalog = images::Catalog::Open(options.data_dir);
  if (!catalog) {
    return Report(catalog.error());
  }
  for (const std::string& name : options.names) {
    if (const int status = BuildOne(options, *catalog, name); status != 0) {
      return status;
    }
  }
  return 0;
}

// Which sandbox, running or stopped, needs `image`. The node keeps one journal for each; a digest
// in it cannot mean anything else, and a journal that cannot be read might name any image.
Result<std::string> SandboxUsing(const std::filesystem::path& data_dir,
                                 const images::Image& image) {
  const auto sandboxes = data_dir / "node" / "sandboxes";
  std::error_code error;
  for (auto entry = std::filesystem::directory_iterator(sandboxes, error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const auto journal = images::ReadFile(entry->path() / "journal.json");
    if (!journal && journal.error().code != Code::kNotFound) {
      return Fail(Error(journal.error()).With("cannot tell whether a sandbox uses the image"));
    }
    if (journal && journal->find(HexOf(image)) != std::string::npos) {
      return fmt::format("used by sandbox {}", entry->path().filename().native());
    }
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return images::FailErrno("list", sandboxes, error.value());
  }
  return std::string();
}

int Remove(const Options& options) {
  const auto catalog = images::Catalog::Open(options.data_dir);
  if (!catalog) {
    return Report(catalog.error());
  }
  for (const std::string& name : options.names) {
    const auto removed = catalog->Remove(
        name, [&](const images::Image& image) { return SandboxUsing(options.data_dir, image); });
    if (!removed) {
      return Report(removed.error());
    }
    fmt::print("image {} removed\n", name);
  }
  return 0;
}

}  // namespace

int ImagesCommand(std::span<char*> arguments) {
  auto data_dir = ConfiguredDataDir();
  if (!data_dir) {
    return Report(data_dir.error());
  }
  Options options;
  options.data_dir = *std::move(data_dir);
  CLI::App app("The images that sandboxes start from", "paddock images");
  app.add_option("--data-dir", options.data_dir, "Directory of Paddock's data")
      ->capture_default_str();
  app.require_subcommand(1);
  CLI::App* list = app.add_subcommand("list", "Show the images of this host");
  CLI::App* build = app.add_subcommand("build", "Build images, unless they are there already");
  build->add_option("names", options.names, "Names of recipes")->required();
  build
      ->add_option("--recipes", options.recipes, "Directory of recipes instead of the shipped ones")
      ->check(CLI::ExistingDirectory);
  build->add_option("--timeout", options.timeout_s, "Longest time for each, in seconds")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  build->add_flag("--refresh", options.refresh, "Build again, to take in newer packages");
  CLI::App* remove = app.add_subcommand("rm", "Remove images that no sandbox uses");
  remove->add_option("names", options.names, "NAME or NAME@sha256:HEX")->required();
  for (CLI::App* command : {list, build, remove}) {
    command->fallthrough();
  }
  try {
    app.parse(static_cast<int>(arguments.size()), arguments.data());
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (list->parsed()) {
    return List(options);
  }
  return build->parsed() ? Build(options) : Remove(options);
}

}  // namespace paddock::app
