// The documents of the question bank: what an author writes of a schema and of a question, in YAML
// (docs/questions.md).
//
// Used by the bank, by authoring and by imports. Reading is strict and collects every mistake, each
// with its line and field; what only a run can tell is validation.h's. Threading: plain values;
// reading blocks for no more than memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "challenges/comparison.h"
#include "challenges/runner.h"
#include "sql/dialect.h"
#include "yaml/fields.h"

namespace paddock::questions {

inline constexpr std::size_t kTitleBytesMax = 200;
inline constexpr std::size_t kCategoryBytesMax = 80;
inline constexpr std::size_t kMarkdownBytesMax = std::size_t{32} << 10U;
inline constexpr std::size_t kQueryBytesMax = std::size_t{64} << 10U;
inline constexpr std::size_t kAddressBytesMax = 500;
inline constexpr std::size_t kHiddenDatasetsMax = 8;
inline constexpr std::size_t kHintsMax = 16;
inline constexpr std::size_t kReferencesMax = 8;
inline constexpr std::size_t kWrongAnswersMax = 16;
inline constexpr std::size_t kChecksMax = 8;
inline constexpr std::int64_t kPointsMax = 1000;
inline constexpr std::int64_t kNumberMax = std::int64_t{1} << 53U;  // exact in every JSON reader

enum class Language : std::uint8_t { kEnglish, kChinese };
/// "en" or "zh".
[[nodiscard]] std::optional<Language> ParseLanguage(std::string_view name) noexcept;

/// What is there in one language at least, or in none.
struct Text {
  std::string english = {};  // NOLINT: may be left out
  std::string chinese = {};  // NOLINT: may be left out

  [[nodiscard]] bool empty() const noexcept { return english.empty() && chinese.empty(); }
  /// In `language`, or else in the other.
  [[nodiscard]] const std::string& In(Language language) const noexcept;
  friend bool operator==(const Text&, const Text&) = default;
};

enum class Difficulty : std::uint8_t { kEasy, kMedium, kHard };
inline constexpr auto kLastDifficulty = Difficulty::kHard;
[[nodiscard]] std::string_view Name(Difficulty difficulty) noexcept;
[[nodiscard]] std::optional<Difficulty> ParseDifficulty(std::string_view name) noexcept;

struct SchemaDocument {
  std::string id;
  Text title;
  Text description;
  std::string picture;  // the address of an image, or ""
  sql::Dialect engine = sql::Dialect::kSqlite;
  std::string script;               // definitions
  std::string data;                 // the visible dataset
  std::vector<std::string> hidden;  // further datasets, which are never shown
};

struct WrongAnswer {
  std::string query;
  Text feedback;
};

struct CompareRules {
  std::optional<challenges::RowOrder> rows = std::nullopt;  // absent: by the reference's ORDER BY
  challenges::ColumnNames names = challenges::ColumnNames::kAnyCase;
  challenges::ColumnOrder columns = challenges::ColumnOrder::kExact;
  double tolerance = 1e-9;
  bool trim = false;
};

struct QuestionDocument {
  std::string id;           // the slug
  std::int64_t number = 0;  // 0: whoever stores it chooses
  std::string schema;       // its id; "" where the place of the file says it
  Text title;
  Text description;
  Difficulty difficulty = Difficulty::kEasy;
  Text category;
  std::int64_t points = 0;
  std::string visibility;  // visibility.h
  std::vector<Text> hints;
  Text solution;
  std::string video;
  std::string starter;
  challenges::ShimSet shims = 0;
  std::vector<std::string> references;
  CompareRules compare;
  bool show_expected = true;
  std::vector<WrongAnswer> wrong;
  std::vector<std::string> checks;

  // Of "references[0]", "shims" and what else a run may refuse.
  std::map<std::string, int> lines = {};  // NOLINT: may be left out

  [[nodiscard]] bool changes_data() const noexcept { return !checks.empty(); }
};

/// Reads a file that a schema's document names. Fails with kNotFound, kInvalid or kUnavailable.
using FileReader = std::function<Result<std::string>(std::string_view name)>;

/// What is wrong goes to `problems`; the document is good only when there are none. Without
/// `files` a document that names some is refused.
[[nodiscard]] SchemaDocument ParseSchema(std::string_view text,
                                         const FileReader& files,
                                         yaml::Problems& problems);
[[nodiscard]] QuestionDocument ParseQuestion(std::string_view text, yaml::Problems& problems);

/// Documents that read as the same, with all scripts in them.
[[nodiscard]] std::string WriteSchema(const SchemaDocument& document);
[[nodiscard]] std::string WriteQuestion(const QuestionDocument& document);

/// "YEAR", as documents and the API say it.
[[nodiscard]] std::vector<std::string_view> NamesOf(challenges::ShimSet shims);
[[nodiscard]] std::optional<challenges::ShimSet> ParseShim(std::string_view name) noexcept;
/// [a-z0-9-]{1,64}.
[[nodiscard]] bool IsSlug(std::string_view text) noexcept;

}  // namespace paddock::questions
