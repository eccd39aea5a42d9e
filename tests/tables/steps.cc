#include "steps.h"

#include <charconv>
#include <ctime>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace paddock::tables {
namespace {

using yaml::Fields;
using yaml::Node;
using yaml::Problems;

std::optional<std::uint64_t> WholeNumber(std::string_view text) {
  std::uint64_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_whole = error == std::errc() && stop == text.data() + text.size();
  return is_whole ? std::optional(number) : std::nullopt;
}

/// "2026-11-26T23:59:59.999Z"; the milliseconds may be left out.
std::optional<Time> ParseTime(const std::string& text) {
  tm parts{};
  const char* rest = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (rest == nullptr) {
    return std::nullopt;
  }
  std::string_view end(rest);
  std::uint64_t fraction_ms = 0;
  if (end.size() == 5 && end.front() == '.') {
    const auto read = WholeNumber(end.substr(1, 3));
    fraction_ms = read.value_or(0);
    end.remove_prefix(read ? 4 : 0);
  }
  if (end != "Z") {
    return std::nullopt;
  }
  return std::chrono::system_clock::from_time_t(timegm(&parts)) +
         std::chrono::milliseconds(fraction_ms);
}

std::vector<std::string> ReadList(Fields& fields, std::string_view key) {
  std::vector<std::string> texts;
  if (const Node* list = fields.List(key)) {
    for (const Node& item : list->items) {
      if (item.kind != Node::Kind::kScalar) {
        fields.Reject(key, "must be a list of texts");
      }
      texts.push_back(item.scalar);
    }
  }
  return texts;
}

class StepReader {
 public:
  StepReader(const Node& node, std::string path, const Story& story, Problems& problems)
      : node_(node), path_(std::move(path)), story_(story), problems_(problems) {}

  [[nodiscard]] Step Read() {
    Step step{.line = node_.line, .act = {}};
    if (Has("at")) {
      step.act = ReadClock();
    } else if (Has("question")) {
      step.act = ReadQuestion();
    } else if (Has("class")) {
      step.act = ReadClass();
    } else if (Has("solves") || Has("misses")) {
      step.act = ReadSubmit();
    } else {
      step.act = ReadRequest();
    }
    return step;
  }

 private:
  [[nodiscard]] bool Has(std::string_view key) const { return node_.Find(key) != nullptr; }
  [[nodiscard]] std::string Who(Fields& fields) const {
    std::string who = fields.RequiredText("who");
    if (who != kNobody && !story_.people.contains(who)) {
      fields.Reject("who", "is none of the people");
    }
    return who;
  }
  [[nodiscard]] MoveClock ReadClock() const {
    Fields fields(node_, path_, {"at"}, problems_);
    const auto time = ParseTime(fields.RequiredText("at"));
    if (!time) {
      fields.Reject("at", "must be a time such as 2026-11-26T23:59:59.999Z");
    }
    return {.to = time.value_or(Time())};
  }
  [[nodiscard]] WriteQuestion ReadQuestion() const {
    Fields fields(node_, path_, {"who", "question", "with", "count"}, problems_);
    WriteQuestion act{.who = Who(fields),
                      .name = fields.RequiredText("question"),
                      .fields = fields.TextMap("with"),
                      .count = fields.Number("count").value_or(1)};
    if (act.count < 1 || act.count > kQuestionsMax) {
      fields.Reject("count", fmt::format("must be from 1 to {}", kQuestionsMax));
    }
    return act;
  }
  [[nodiscard]] MakeClass ReadClass() const {
    Fields fields(node_, path_, {"who", "class", "members"}, problems_);
    MakeClass act{.who = Who(fields),
                  .name = fields.RequiredText("class"),
                  .members = ReadList(fields, "members")};
    for (const std::string& member : act.members) {
      if (!story_.people.contains(member)) {
        fields.Reject("members", fmt::format("{} is none of the people", member));
      }
    }
    return act;
  }
  [[nodiscard]] Submit ReadSubmit() const {
    const std::string_view key = Has("solves") ? "solves" : "misses";
    Fields fields(node_, path_, {"who", key, "earns"}, problems_);
    return {.who = Who(fields),
            .question = fields.RequiredText(key),
            .is_right = key == "solves",
            .earns = fields.Number("earns")};
  }
  [[nodiscard]] Request ReadRequest() const {
    Fields fields(node_, path_,
                  {"who", "scopes", "asks", "body", "status", "answer", "counts", "lacks", "keeps"},
                  problems_);
    Request act;
    act.who = Who(fields);
    act.body = fields.Text("body").value_or("");
    if (Has("scopes")) {
      act.scopes = ReadList(fields, "scopes");
    }
    const auto asked = fields.RequiredText("asks");
    const auto space = asked.find(" /");
    if (space == std::string::npos) {
      fields.Reject("asks", "must be a method and a path");
    } else {
      act.method = asked.substr(0, space);
      act.path = asked.substr(space + 1);
    }
    act.status = fields.Number("status").value_or(200);
    act.lacks = ReadList(fields, "lacks");
    act.keeps = fields.TextMap("keeps");
    ReadExpected(fields, act);
    return act;
  }
  void ReadExpected(Fields& fields, Request& act) const {
    if (const Node* answer = fields.Map("answer")) {
      for (const yaml::Entry& entry : answer->entries) {
        const bool is_list = entry.key.contains("/*");
        if (entry.value.kind != (is_list ? Node::Kind::kList : Node::Kind::kScalar)) {
          fields.Reject("answer", "has a list for a pointer with *, and else a single value");
        }
        act.answer.emplace_back(entry.key, entry.value);
      }
    }
    if (const Node* counts = fields.Map("counts")) {
      for (const yaml::Entry& entry : counts->entries) {
        const auto count = WholeNumber(entry.value.scalar);
        if (!count) {
          fields.Reject("counts", "has a whole number for each pointer");
        }
        act.counts.emplace_back(entry.key, count.value_or(0));
      }
    }
  }

  const Node& node_;
  std::string path_;
  const Story& story_;
  Problems& problems_;
};

}  // namespace

void ReadSteps(const Node& node, const std::string& path, Story& story, Problems& problems) {
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    StepReader reader(node.items[i], fmt::format("{}[{}]", path, i), story, problems);
    story.steps.push_back(reader.Read());
  }
}

}  // namespace paddock::tables
