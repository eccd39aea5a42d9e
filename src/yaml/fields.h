// Fields: reads the maps of a document field by field and collects everything that is wrong.
//
// A person who wrote a recipe wants all mistakes at once, each as "base.yaml:12: files[1].mode: …".
// Reading goes on after a mistake with an empty value; the caller asks Problems at the end.
//
// Threading: use from one thread. Ownership: a Fields refers to its node and problems.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "yaml/document.h"

namespace paddock::yaml {

inline constexpr std::size_t kProblemCountMax = 20;

struct Problem {
  int line = 1;
  std::string field;  // "files[1].mode"; empty: the document
  std::string message;
};

class Problems {
 public:
  explicit Problems(std::string_view file_name) : file_name_(file_name) {}

  /// Problems beyond kProblemCountMax are dropped.
  void Add(int line, std::string_view field, std::string_view message);
  /// What Parse failed with.
  void AddFailure(const Error& failure);

  [[nodiscard]] bool empty() const noexcept { return list_.empty(); }
  [[nodiscard]] const std::vector<Problem>& list() const noexcept { return list_; }
  [[nodiscard]] const std::string& file_name() const noexcept { return file_name_; }

  /// Success, or kInvalid with one line for each problem, in the order of their discovery.
  [[nodiscard]] Result<void> Outcome() const;

 private:
  std::string file_name_;
  std::vector<Problem> list_;
};

class Fields {
 public:
  /// `path` is the name of the map in messages ("" for the document itself). A key that is not
  /// `known` is a problem, and so is a node which is no map.
  Fields(const Node& node,
         std::string path,
         std::initializer_list<std::string_view> known,
         Problems& problems);

  /// All return nothing when the field is absent; a value of the wrong kind is a problem too.
  [[nodiscard]] std::optional<std::string> Text(std::string_view key);
  [[nodiscard]] std::optional<std::uint64_t> Number(std::string_view key);
  [[nodiscard]] const Node* List(std::string_view key);
  [[nodiscard]] const Node* Map(std::string_view key);
  [[nodiscard]] std::map<std::string, std::string> TextMap(std::string_view key);

  /// As Text, but absence and "" are problems.
  [[nodiscard]] std::string RequiredText(std::string_view key);

  /// Adds a problem with the value of `key`.
  void Reject(std::string_view key, std::string_view message);

  /// The name of a field in messages: "files[1].mode".
  [[nodiscard]] std::string PathOf(std::string_view key) const;

 private:
  [[nodiscard]] const Node* OfKind(std::string_view key, Node::Kind kind, std::string_view wanted);

  const Node& node_;
  std::string path_;
  Problems& problems_;
};

}  // namespace paddock::yaml
