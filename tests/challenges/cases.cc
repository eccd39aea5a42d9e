#include "cases.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace paddock::challenges::testing {
namespace {

constexpr auto kShims = std::to_array<std::pair<std::string_view, Shim>>({{"YEAR", Shim::kYear},
                                                                          {"MONTH", Shim::kMonth},
                                                                          {"DAY", Shim::kDay},
                                                                          {"IF", Shim::kIf},
                                                                          {"CONCAT", Shim::kConcat},
                                                                          {"LEFT", Shim::kLeft},
                                                                          {"RIGHT", Shim::kRight}});
constexpr auto kLimits =
    std::to_array<std::pair<std::string_view, LimitHit>>({{"time", LimitHit::kTime},
                                                          {"rows", LimitHit::kRows},
                                                          {"bytes", LimitHit::kBytes},
                                                          {"cell", LimitHit::kCell},
                                                          {"memory", LimitHit::kMemory},
                                                          {"results", LimitHit::kResults}});

[[noreturn]] void Refuse(std::string_view line) {
  fmt::print(stderr, "cases: this is not understood: {}\n", line);
  std::abort();
}

template <class List>
auto Named(const List& list, std::string_view name) {
  for (const auto& [known, value] : list) {
    if (known == name) {
      return value;
    }
  }
  Refuse(name);
}

class Reader {
 public:
  void Line(const std::string& line) {
    const auto space = line.find(' ');
    const std::string word = line.substr(0, space);
    const std::string rest = space == std::string::npos ? std::string() : line.substr(space + 1);
    if (line.empty()) {
      block_ = nullptr;
    } else if (!Begins(word, rest) && !Tells(word, rest)) {
      if (block_ == nullptr) {
        Refuse(line);
      }
      *block_ += line + "\n";
    }
  }

  std::vector<Case> cases;

 private:
  bool Begins(const std::string& word, const std::string& rest) {
    if (word == "define") {
      block_ = &schemas_[rest];
    } else if (word == "case") {
      const auto space = rest.find(' ');
      cases.push_back({.id = rest.substr(0, space), .title = rest.substr(space + 1)});
      block_ = nullptr;
    } else {
      return !cases.empty() && BeginsPart(word);
    }
    return true;
  }

  bool BeginsPart(const std::string& word) {
    Case& last = cases.back();
    if (word == "script:") {
      block_ = &last.script;
    } else if (word == "query:") {
      block_ = &last.query;
    } else if (word == "reference:") {
      block_ = &last.reference;
    } else if (word == "result:") {
      block_ = &last.results.emplace_back();
    } else {
      return false;
    }
    return true;
  }

  bool Tells(const std::string& word, const std::string& rest) {
    if (cases.empty()) {
      return false;
    }
    Case& last = cases.back();
    const std::map<std::string_view, std::string*> texts{{"error:", &last.error},
                                                         {"schema_error:", &last.schema_error},
                                                         {"v1:", &last.v1},
                                                         {"v2:", &last.v2},
                                                         {"compare:", &last.compare}};
    if (const auto found = texts.find(word); found != texts.end()) {
      *found->second = rest;
    } else if (word == "schema") {
      last.script = schemas_.at(rest);
    } else if (word == "shims") {
      last.shims = static_cast<ShimSet>(last.shims | static_cast<ShimSet>(Named(kShims, rest)));
    } else if (word == "time") {
      last.limits.time = std::chrono::milliseconds(std::stoi(rest));
    } else if (word == "only") {
      last.only = Named(kShims, rest);
    } else if (word == "unless") {
      last.unless = Named(kShims, rest);
    } else if (word == "limit:") {
      last.limit = Named(kLimits, rest);
    } else if (word == "nothing") {
      last.nothing = true;
    } else {
      return false;
    }
    return true;
  }

  std::map<std::string, std::string> schemas_;
  std::string* block_ = nullptr;
};

std::string Literal(const sql::Cell& cell) {
  if (cell.type == sql::CellType::kNull) {
    return "NULL";
  }
  if (cell.type == sql::CellType::kBytes) {
    return fmt::format("x'{}'", cell.text);
  }
  if (cell.type != sql::CellType::kText) {
    return std::string(cell.text);
  }
  std::string text = "'";
  for (const char letter : cell.text) {
    text += letter == '\'' ? "''" : std::string(1, letter);
  }
  return text + "'";
}

}  // namespace

std::vector<Case> ReadCases(const std::string& path) {
  std::ifstream file(path);
  Reader reader;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with('#')) {
      reader.Line(line);
    }
  }
  return std::move(reader.cases);
}

std::string Render(const ResultSet& result) {
  std::string text;
  for (const sql::Column& column : result.columns) {
    text += fmt::format("{}{}", text.empty() ? "" : " | ", column.name);
  }
  text += "\n";
  for (std::size_t row = 0; row < result.rows.row_count(); ++row) {
    for (std::size_t column = 0; column < result.rows.column_count(); ++column) {
      text += column == 0 ? "" : " | ";
      text += Literal(result.rows.At(row, column));
    }
    text += "\n";
  }
  return text;
}

}  // namespace paddock::challenges::testing
