#include "images/recipe.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "yaml/document.h"
#include "yaml/fields.h"

namespace paddock::images {
namespace {

using yaml::Fields;
using yaml::Node;
using yaml::Problems;

constexpr std::array<std::string_view, 2> kSuites{"bookworm", "trixie"};
constexpr std::array<std::string_view, 2> kLanguages{"en", "zh"};
constexpr std::size_t kDescriptionLengthMax = 240;
constexpr std::size_t kPackageCountMax = 500;
constexpr std::size_t kFileCountMax = 200;
constexpr std::size_t kCommandCountMax = 100;
// A command is handed to the shell as one argument, of which the kernel takes 128 KiB.
constexpr std::size_t kCommandLengthMax = 64UL * 1024;
constexpr std::size_t kFileLengthMax = 256UL * 1024;
constexpr int kModeMax = 0777;

bool IsPackageName(std::string_view text) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789+-.";
  return text.size() >= 2 && text.find_first_not_of(kAllowed) == std::string_view::npos &&
         std::isalnum(static_cast<unsigned char>(text[0])) != 0;
}

bool IsVariableName(std::string_view text) {
  return !text.empty() && std::isdigit(static_cast<unsigned char>(text[0])) == 0 &&
         std::ranges::all_of(text,
                             [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

// What a program may be given as a path inside: absolute, with nothing to resolve.
bool IsPlainPath(std::string_view text) {
  return text.starts_with('/') && text.size() > 1 && !text.ends_with('/') &&
         text.find("//") == std::string_view::npos &&
         std::filesystem::path(text).lexically_normal().native() == text &&
         std::ranges::none_of(text, [](unsigned char c) { return std::iscntrl(c) != 0; });
}

bool IsBelowKernelMount(std::string_view path) {
  constexpr std::array<std::string_view, 4> kMounts{"/dev/", "/proc/", "/sys/", "/run/"};
  return std::ranges::any_of(kMounts, [&](auto mount) { return path.starts_with(mount); });
}

// "256MiB". Nothing when it is not a size.
std::optional<Bytes> ParseSize(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, unsigned>, 3> kUnits{
      {{"KiB", 10}, {"MiB", 20}, {"GiB", 30}}};
  for (const auto& [suffix, shift] : kUnits) {
    if (!text.ends_with(suffix)) {
      continue;
    }
    text.remove_suffix(suffix.size());
    std::uint64_t count = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc() || stop != text.data() + text.size() || count == 0 ||
        count > (std::numeric_limits<std::uint64_t>::max() >> shift)) {
      return std::nullopt;
    }
    return Bytes{count << shift};
  }
  return std::nullopt;
}

void ReadDescription(Fields& fields, Problems& problems, Recipe& recipe) {
  recipe.description = fields.TextMap("description");
  for (const std::string_view language : kLanguages) {
    if (!recipe.description.contains(std::string(language))) {
      fields.Reject("description", fmt::format("needs a text in '{}'", language));
    }
  }
  const Node* node = fields.Map("description");
  for (const auto& entry : node == nullptr ? std::vector<yaml::Entry>{} : node->entries) {
    const std::string path = fields.PathOf("description") + "." + entry.key;
    if (std::ranges::find(kLanguages, entry.key) == kLanguages.end()) {
      problems.Add(entry.line, path, fmt::format("languages are {}", fmt::join(kLanguages, ", ")));
    }
    const std::string& text = entry.value.scalar;
    if (text.empty() || text.size() > kDescriptionLengthMax ||
        text.find('\n') != std::string::npos) {
      problems.Add(entry.line, path,
                   fmt::format("must be one line of 1 to {} bytes", kDescriptionLengthMax));
    }
  }
}

// Visits the items of a list field that has a limit.
template <class Visit>
void ForEachItem(Fields& fields, std::string_view key, std::size_t count_max, Visit visit) {
  const Node* list = fields.List(key);
  if (list == nullptr) {
    return;
  }
  if (list->items.size() > count_max) {
    fields.Reject(key, fmt::format("has more than {} items", count_max));
    return;
  }
  for (std::size_t i = 0; i < list->items.size(); ++i) {
    visit(list->items[i], fmt::format("{}[{}]", fields.PathOf(key), i));
  }
}

void ReadPackages(Fields& fields, Problems& problems, Recipe& recipe) {
  ForEachItem(fields, "packages", kPackageCountMax, [&](const Node& item, const std::string& path) {
    if (item.kind != Node::Kind::kScalar || !IsPackageName(item.scalar)) {
      problems.Add(item.line, path, fmt::format("'{}' is not the name of a package", item.scalar));
    } else if (std::ranges::find(recipe.packages, item.scalar) != recipe.packages.end()) {
      problems.Add(item.line, path, fmt::format("'{}' is listed twice", item.scalar));
    } else {
      recipe.packages.push_back(item.scalar);
    }
  });
}

RecipeFile ReadFileItem(const Node& item, const std::string& path, Problems& problems) {
  Fields fields(item, path, {"path", "mode", "content", "before_packages"}, problems);
  RecipeFile file;
  file.path = fields.RequiredText("path");
  if (!file.path.empty() && !IsPlainPath(file.path)) {
    fields.Reject("path", "must be absolute, without '.', '..', '//' or a '/' at its end");
  } else if (IsBelowKernelMount(file.path)) {
    fields.Reject("path", "lies below /dev, /proc, /sys or /run, which are mounted over");
  }
  if (const auto mode = fields.Text("mode")) {
    const char* end = mode->data() + mode->size();
    const auto [stop, error] = std::from_chars(mode->data(), end, file.mode, 8);
    if (error != std::errc() || stop != end || mode->size() != 4 || file.mode < 0 ||
        file.mode > kModeMax) {
      fields.Reject("mode", "must be an octal number from 0000 to 0777");
    }
  }
  file.content = fields.Text("content").value_or("");
  if (item.Find("content") == nullptr && item.kind == Node::Kind::kMap) {
    fields.Reject("content", "is missing");
  } else if (file.content.size() > kFileLengthMax) {
    fields.Reject("content", fmt::format("is longer than {} bytes", kFileLengthMax));
  }
  const auto before = fields.Text("before_packages");
  if (before && *before != "true" && *before != "false") {
    fields.Reject("before_packages", "must be true or false");
  }
  file.before_packages = before == "true";
  return file;
}

void ReadFiles(Fields& fields, Problems& problems, Recipe& recipe) {
  std::set<std::string> seen;
  ForEachItem(fields, "files", kFileCountMax, [&](const Node& item, const std::string& path) {
    RecipeFile file = ReadFileItem(item, path, problems);
    if (!file.path.empty() && !seen.insert(file.path).second) {
      problems.Add(item.line, path + ".path", fmt::format("'{}' is listed twice", file.path));
    }
    recipe.files.push_back(std::move(file));
  });
}

void ReadCommands(Fields& fields, Problems& problems, Recipe& recipe) {
  ForEachItem(fields, "commands", kCommandCountMax, [&](const Node& item, const std::string& path) {
    if (item.kind != Node::Kind::kScalar || item.scalar.empty()) {
      problems.Add(item.line, path, "must be a shell command");
    } else if (item.scalar.size() > kCommandLengthMax) {
      problems.Add(item.line, path, fmt::format("is longer than {} bytes", kCommandLengthMax));
    }
    recipe.commands.push_back(item.scalar);
  });
}

void ReadEnv(Fields& fields, Problems& problems, Recipe& recipe) {
  recipe.env = fields.TextMap("env");
  const Node* map = fields.Map("env");
  for (const auto& entry : map == nullptr ? std::vector<yaml::Entry>{} : map->entries) {
    const std::string path = fields.PathOf("env") + "." + entry.key;
    if (!IsVariableName(entry.key)) {
      problems.Add(entry.line, path, "is not the name of a variable");
    }
    if (entry.value.scalar.find('\n') != std::string::npos) {
      problems.Add(entry.line, path, "must be one line");
    }
  }
}

void ReadSize(Fields& fields, std::string_view key, Bytes& size) {
  const auto text = fields.Text(key);
  if (!text) {
    return;
  }
  const auto parsed = ParseSize(*text);
  if (!parsed) {
    fields.Reject(key, "must be a size, as 256MiB or 2GiB");
    return;
  }
  size = *parsed;
}

void ReadMinimum(Fields& fields, Problems& problems, Recipe& recipe) {
  const Node* node = fields.Map("minimum");
  if (node == nullptr) {
    return;
  }
  Fields minimum(*node, fields.PathOf("minimum"), {"memory", "disk", "processes"}, problems);
  ReadSize(minimum, "memory", recipe.minimum.memory);
  ReadSize(minimum, "disk", recipe.minimum.disk);
  if (const auto count = minimum.Number("processes")) {
    if (*count == 0 || *count > 1'000'000) {
      minimum.Reject("processes", "must be from 1 to 1000000");
    } else {
      recipe.minimum.process_count = static_cast<int>(*count);
    }
  }
}

void ReadPath(Fields& fields, std::string_view key, std::string& path) {
  path = fields.Text(key).value_or("");
  if (!path.empty() && !IsPlainPath(path)) {
    fields.Reject(key, "must be absolute, without '.', '..', '//' or a '/' at its end");
  }
}

}  // namespace

Result<Recipe> ParseRecipe(std::string_view text, std::string_view file_name) {
  auto document = yaml::Parse(text, file_name);
  if (!document) {
    return Fail(std::move(document).error());
  }
  Problems problems(file_name);
  Fields fields(*document, "",
                {"name", "description", "extends", "suite", "packages", "files", "commands", "env",
                 "cwd", "boot", "minimum"},
                problems);
  Recipe recipe;
  recipe.name = fields.RequiredText("name");
  if (!recipe.name.empty() && !IsImageName(recipe.name)) {
    fields.Reject("name", "must be 1 to 32 of a-z, 0-9 and '-', starting with a letter");
  }
  ReadDescription(fields, problems, recipe);
  recipe.extends = fields.Text("extends").value_or("");
  if (!recipe.extends.empty() && !IsImageName(recipe.extends)) {
    fields.Reject("extends", "must be the name of another recipe");
  }
  recipe.suite =
      recipe.extends.empty() ? fields.RequiredText("suite") : fields.Text("suite").value_or("");
  if (!recipe.suite.empty() && std::ranges::find(kSuites, recipe.suite) == kSuites.end()) {
    fields.Reject("suite", fmt::format("must be one of {}", fmt::join(kSuites, ", ")));
  }
  ReadPackages(fields, problems, recipe);
  ReadFiles(fields, problems, recipe);
  ReadCommands(fields, problems, recipe);
  ReadEnv(fields, problems, recipe);
  ReadPath(fields, "cwd", recipe.cwd);
  ReadPath(fields, "boot", recipe.boot);
  ReadMinimum(fields, problems, recipe);
  auto outcome = problems.Outcome();
  if (!outcome) {
    return Fail(std::move(outcome).error());
  }
  return recipe;
}

}  // namespace paddock::images
