// Table: one file of acceptance cases, as it is written.
//
// A file says in `table` how its cases are read: `stories` (people who ask a server for things, one
// after another), `grading` (what an answer is graded as) or `scopes` (what a credential allows).
// tests/tables/README.md has every key. Reading is strict: an unknown key, a case without a name of
// its own and a file without a case are mistakes, and a mistake ends the run.
//
// Threading: plain values.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "identity/scope.h"
#include "model/role.h"
#include "yaml/document.h"

namespace paddock::tables {

using Time = std::chrono::system_clock::time_point;

/// Of a story.
struct MoveClock {
  Time to;
};
struct WriteQuestion {
  std::string who;
  std::string name;
  std::map<std::string, std::string> fields;  // of its document, beside those that all have
  std::uint64_t count = 1;                    // more than one: name1, name2, …
};
struct MakeClass {
  std::string who;
  std::string name;
  std::vector<std::string> members;
};
struct Submit {
  std::string who;
  std::string question;
  bool is_right = false;
  std::optional<std::uint64_t> earns = std::nullopt;
};
struct Request {
  std::string who;                                                // "nobody" has no credential
  std::optional<std::vector<std::string>> scopes = std::nullopt;  // of a token; else a session
  std::string method;
  std::string path;
  std::string body;
  std::uint64_t status = 200;
  std::vector<std::pair<std::string, yaml::Node>> answer;  // by pointer: a scalar, or a list
  std::vector<std::pair<std::string, std::uint64_t>> counts;
  std::vector<std::string> lacks;
  std::map<std::string, std::string> keeps;  // pointers by the name to keep the value under
};
struct Step {
  int line = 1;
  std::variant<MoveClock, WriteQuestion, MakeClass, Submit, Request> act;
};
struct Story {
  std::map<std::string, Role> people;
  std::vector<Step> steps;
};

struct Grading {
  std::string schema;
  std::string reference;
  std::string answer;
  std::string check;
  std::map<std::string, std::string> compare;
  std::string rule;
};

struct Granted {
  std::string scopes;                                    // as a credential says them
  std::optional<identity::Scope> needed = std::nullopt;  // absent: nothing is
  bool is_allowed = false;
};

struct Case {
  std::string name;
  std::variant<Story, Grading, Granted> content;
};

struct Table {
  std::string name;  // of its file, without the end
  std::vector<Case> cases;
};

/// kInvalid: what is wrong, with file and line.
[[nodiscard]] Result<Table> ReadTable(std::string_view text, const std::string& name);

/// All of a folder. kInvalid, also when there is none.
[[nodiscard]] Result<std::vector<Table>> ReadTables(const std::filesystem::path& folder);

}  // namespace paddock::tables
