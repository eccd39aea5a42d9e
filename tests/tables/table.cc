#include "table.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include <fmt/format.h>

#include "steps.h"
#include "yaml/fields.h"

namespace paddock::tables {
namespace {

using yaml::Fields;
using yaml::Node;
using yaml::Problems;

std::map<std::string, Role> ReadPeople(Fields& fields, const Node& document, Problems& problems) {
  std::map<std::string, Role> people;
  for (const auto& [name, role_name] : fields.TextMap("people")) {
    const auto role = ParseRole(role_name);
    if (!role || name == kNobody) {
      problems.Add(document.line, "people." + name, "must be guest, learner, teacher or admin");
      continue;
    }
    people.emplace(name, *role);
  }
  return people;
}

Story ReadStory(const Node& node,
                const std::string& path,
                const Story& before,
                Problems& problems) {
  Fields fields(node, path, {"name", "steps"}, problems);
  Story story = before;
  const Node* steps = fields.List("steps");
  if (steps == nullptr || steps->items.empty()) {
    fields.Reject("steps", "a story has at least one step");
    return story;
  }
  ReadSteps(*steps, fields.PathOf("steps"), story, problems);
  return story;
}

Grading ReadGrading(const Node& node,
                    const std::string& path,
                    const std::string& schema,
                    Problems& problems) {
  Fields fields(node, path, {"name", "reference", "answer", "check", "compare", "rule"}, problems);
  return {.schema = schema,
          .reference = fields.RequiredText("reference"),
          .answer = fields.Text("answer").value_or(""),
          .check = fields.Text("check").value_or(""),
          .compare = fields.TextMap("compare"),
          .rule = fields.RequiredText("rule")};
}

Granted ReadGranted(const Node& node, const std::string& path, Problems& problems) {
  Fields fields(node, path, {"name", "granted", "needed", "allowed"}, problems);
  Granted granted{.scopes = fields.Text("granted").value_or("")};
  const auto needed = fields.RequiredText("needed");
  granted.needed = identity::ParseScope(needed);
  if (!granted.needed && needed != "nothing") {
    fields.Reject("needed", "must be a scope, or nothing");
  }
  const auto allowed = fields.RequiredText("allowed");
  if (allowed != "true" && allowed != "false") {
    fields.Reject("allowed", "must be true or false");
  }
  granted.is_allowed = allowed == "true";
  return granted;
}

/// Reads the content of one case of one kind of table.
class CaseReader {
 public:
  CaseReader(const Node& document, Problems& problems) : problems_(problems) {
    Fields fields(document, "", {"table", "people", "before", "schema", "cases"}, problems);
    kind_ = fields.RequiredText("table");
    const bool is_stories = kind_ == "stories";
    if (!is_stories && kind_ != "grading" && kind_ != "scopes") {
      fields.Reject("table", "must be stories, grading or scopes");
    }
    if (is_stories == (document.Find("people") == nullptr)) {
      fields.Reject("people", "stories have people, and nothing else has");
    }
    if ((kind_ == "grading") == (document.Find("schema") == nullptr)) {
      fields.Reject("schema", "grading has a schema, and nothing else has");
    }
    schema_ = fields.Text("schema").value_or("");
    before_.people = ReadPeople(fields, document, problems);
    if (const Node* steps = fields.List("before")) {
      ReadSteps(*steps, "before", before_, problems);
    }
    cases_ = fields.List("cases");
  }

  [[nodiscard]] const Node* cases() const { return cases_; }
  [[nodiscard]] Case Read(const Node& node, const std::string& path) const {
    Case one;
    if (const Node* name = node.Find("name")) {
      one.name = name->scalar;
    }
    if (kind_ == "grading") {
      one.content = ReadGrading(node, path, schema_, problems_);
    } else if (kind_ == "scopes") {
      one.content = ReadGranted(node, path, problems_);
    } else {
      one.content = ReadStory(node, path, before_, problems_);
    }
    return one;
  }

 private:
  Problems& problems_;
  std::string kind_;
  std::string schema_;
  Story before_;
  const Node* cases_ = nullptr;
};

}  // namespace

Result<Table> ReadTable(std::string_view text, const std::string& name) {
  auto document = yaml::Parse(text, name);
  if (!document) {
    return Fail(std::move(document).error());
  }
  Problems problems(name);
  const CaseReader reader(*document, problems);
  Table table{.name = name, .cases = {}};
  std::set<std::string> names;
  if (reader.cases() != nullptr) {
    for (const Node& node : reader.cases()->items) {
      const auto path = fmt::format("cases[{}]", table.cases.size());
      table.cases.push_back(reader.Read(node, path));
      const std::string& case_name = table.cases.back().name;
      if (case_name.empty() || !names.insert(case_name).second) {
        problems.Add(node.line, path + ".name", "must be there, and of this case alone");
      }
    }
  }
  if (table.cases.empty()) {
    problems.Add(1, "cases", "a table without a case tests nothing");
  }
  auto outcome = problems.Outcome();
  if (!outcome) {
    return Fail(std::move(outcome).error());
  }
  return table;
}

Result<std::vector<Table>> ReadTables(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".yaml") {
      files.push_back(entry.path());
    }
  }
  if (files.empty()) {
    return Fail(Code::kInvalid, fmt::format("{} has no table", folder.native()));
  }
  std::ranges::sort(files);
  std::vector<Table> tables;
  for (const auto& path : files) {
    std::ifstream file(path);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    auto table = ReadTable(text, path.stem().native());
    if (!table) {
      return Fail(std::move(table).error());
    }
    tables.push_back(*std::move(table));
  }
  return tables;
}

}  // namespace paddock::tables
