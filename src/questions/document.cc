#include "questions/document.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

namespace paddock::questions {
namespace {

using challenges::Shim;

constexpr auto kDifficulties = std::to_array<std::pair<Difficulty, std::string_view>>(
    {{Difficulty::kEasy, "easy"}, {Difficulty::kMedium, "medium"}, {Difficulty::kHard, "hard"}});

constexpr auto kShims = std::to_array<std::pair<Shim, std::string_view>>({{Shim::kYear, "YEAR"},
                                                                          {Shim::kMonth, "MONTH"},
                                                                          {Shim::kDay, "DAY"},
                                                                          {Shim::kIf, "IF"},
                                                                          {Shim::kConcat, "CONCAT"},
                                                                          {Shim::kLeft, "LEFT"},
                                                                          {Shim::kRight, "RIGHT"}});

constexpr std::size_t kSlugBytesMax = 64;

}  // namespace

std::optional<Language> ParseLanguage(std::string_view name) noexcept {
  if (name == "en") {
    return Language::kEnglish;
  }
  return name == "zh" ? std::optional(Language::kChinese) : std::nullopt;
}

const std::string& Text::In(Language language) const noexcept {
  const std::string& wanted = language == Language::kEnglish ? english : chinese;
  const std::string& other = language == Language::kEnglish ? chinese : english;
  return wanted.empty() ? other : wanted;
}

std::string_view Name(Difficulty difficulty) noexcept {
  const auto* const found =
      std::ranges::find(kDifficulties, difficulty, &std::pair<Difficulty, std::string_view>::first);
  return found == kDifficulties.end() ? std::string_view("easy") : found->second;
}

std::optional<Difficulty> ParseDifficulty(std::string_view name) noexcept {
  const auto* const found =
      std::ranges::find(kDifficulties, name, &std::pair<Difficulty, std::string_view>::second);
  return found == kDifficulties.end() ? std::nullopt : std::optional(found->first);
}

std::vector<std::string_view> NamesOf(challenges::ShimSet shims) {
  std::vector<std::string_view> names;
  for (const auto& [shim, name] : kShims) {
    if ((shims & static_cast<challenges::ShimSet>(shim)) != 0) {
      names.push_back(name);
    }
  }
  return names;
}

std::optional<challenges::ShimSet> ParseShim(std::string_view name) noexcept {
  const auto* const found =
      std::ranges::find(kShims, name, &std::pair<Shim, std::string_view>::second);
  return found == kShims.end() ? std::nullopt
                               : std::optional(static_cast<challenges::ShimSet>(found->first));
}

bool IsSlug(std::string_view text) noexcept {
  return !text.empty() && text.size() <= kSlugBytesMax &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

}  // namespace paddock::questions
