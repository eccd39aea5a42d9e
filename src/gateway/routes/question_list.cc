#include "gateway/routes/question_list.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/json_writer.h"
#include "gateway/routes/directory_forms.h"
#include "gateway/routes/page_query.h"
#include "gateway/routes/question_forms.h"

namespace paddock::gateway {
namespace {

using questions::BankQuestion;
using questions::Language;

constexpr std::size_t kSearchWordsMax = 8;

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

std::vector<std::string> WordsOf(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty() && words.size() < kSearchWordsMax) {
    const auto begin = std::min(text.find_first_not_of(' '), text.size());
    const auto end = std::min(text.find(' ', begin), text.size());
    if (end > begin) {
      words.push_back(Lower(text.substr(begin, end - begin)));
    }
    text.remove_prefix(end);
  }
  return words;
}

/// All words must be in it, in either language.
bool Matches(const BankQuestion& question, const std::vector<std::string>& words) {
  if (words.empty()) {
    return true;
  }
  const questions::QuestionDocument& document = question.document();
  std::string all = fmt::format("{} {}", question.record.number, document.id);
  for (const questions::Text* text : {&document.title, &document.description, &document.category,
                                      &question.schema->document.title}) {
    all.append(" ").append(text->english).append(" ").append(text->chinese);
  }
  all = Lower(all);
  return std::ranges::all_of(words, [&](const std::string& word) { return all.contains(word); });
}

bool IsSolved(const QuestionListing& listing, std::int64_t number) {
  const auto found = listing.progress.find(number);
  return found != listing.progress.end() && found->second.passed;
}

bool Fits(const BankQuestion& question,
          const QuestionListing& listing,
          const QuestionQuery& query,
          const std::vector<std::string>& words) {
  const questions::QuestionDocument& document = question.document();
  return question.record.number > query.after &&
         (!query.difficulty || document.difficulty == *query.difficulty) &&
         (!query.category || document.category.english == *query.category ||
          document.category.chinese == *query.category) &&
         (!query.schema || question.record.schema_id == *query.schema) &&
         (!query.solved || *query.solved == IsSolved(listing, question.record.number)) &&
         Matches(question, words);
}

void WriteBrief(JsonWriter& out,
                const BankQuestion& question,
                const QuestionListing& listing,
                Language language) {
  const questions::QuestionDocument& document = question.document();
  const std::int64_t number = question.record.number;
  const auto progress = listing.progress.find(number);
  const auto count = listing.counts.find(number);
  out.BeginObject()
      .Field("number", number)
      .Field("slug", std::string_view(document.id))
      .Field("title", std::string_view(document.title.In(language)))
      .Field("difficulty", Name(document.difficulty))
      .Field("category", std::string_view(document.category.In(language)))
      .Field("schema", std::string_view(question.record.schema_id))
      .Field("points", document.points)
      .Field("solved", IsSolved(listing, number))
      .Field("attempted",
             progress != listing.progress.end() && progress->second.submission_count > 0)
      .Key("pass_rate");
  if (count == listing.counts.end() || count->second.attempted == 0) {
    out.Null();
  } else {
    out.Decimal(static_cast<double>(count->second.passed) /
                static_cast<double>(count->second.attempted));
  }
  out.EndObject();
}

}  // namespace

Result<QuestionQuery> ReadQuestionQuery(const Request& request) {
  QuestionQuery query;
  auto language = ReadLanguage(request);
  auto limit = ReadPageLimit(request);
  auto search = ReadTextFilter(request, "search");
  auto category = ReadTextFilter(request, "category");
  auto schema = ReadTextFilter(request, "schema");
  for (const auto* failed : {&search, &category, &schema}) {
    if (!*failed) {
      return Fail(failed->error());
    }
  }
  if (!language || !limit) {
    return Fail(language ? std::move(limit).error() : std::move(language).error());
  }
  if (const auto text = request.Query("difficulty"); text && !text->empty()) {
    query.difficulty = questions::ParseDifficulty(*text);
    if (!query.difficulty) {
      return Fail(Code::kInvalid, "difficulty must be easy, medium or hard");
    }
  }
  if (const auto text = request.Query("solved"); text && !text->empty()) {
    auto solved = ReadTruthFilter(request, "solved");
    if (!solved) {
      return Fail(std::move(solved).error());
    }
    query.solved = *solved;
  }
  if (const auto text = request.Query("after"); text && !text->empty()) {
    const auto after = ParseNumber(*text);
    if (!after) {
      return Fail(Code::kInvalid, "after must be the number of a question");
    }
    query.after = *after;
  }
  query.search = *std::move(search);
  query.category = *std::move(category);
  query.schema = *std::move(schema);
  query.language = *language;
  query.limit = *limit;
  return query;
}

std::string WriteQuestionList(const QuestionListing& listing, const QuestionQuery& query) {
  const auto words = WordsOf(query.search.value_or(""));
  std::set<std::string> categories;
  std::optional<std::int64_t> last;
  std::int64_t count = 0;
  bool has_more = false;
  JsonWriter out;
  out.BeginObject().Key("questions").BeginArray();
  for (const questions::BankQuestionRef& question : listing.visible) {
    categories.insert(question->document().category.In(query.language));
    if (!Fits(*question, listing, query, words)) {
      continue;
    }
    has_more = count == query.limit;
    if (count < query.limit) {
      WriteBrief(out, *question, listing, query.language);
      last = question->record.number;
      ++count;
    }
  }
  out.EndArray().Key("categories").BeginArray();
  for (const std::string& category : categories) {
    out.Text(category);
  }
  out.EndArray();
  WriteNullable(out, "next", has_more ? std::optional(fmt::format("{}", *last)) : std::nullopt);
  out.EndObject();
  return std::move(out).Take();
}

}  // namespace paddock::gateway
