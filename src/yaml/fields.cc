#include "yaml/fields.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace paddock::yaml {

void Problems::Add(int line, std::string_view field, std::string_view message) {
  if (list_.size() < kProblemCountMax) {
    list_.push_back({.line = line, .field = std::string(field), .message = std::string(message)});
  }
}

void Problems::AddFailure(const Error& failure) {
  std::string_view message = failure.message;
  int line = 1;
  const std::string prefix = file_name_ + ":";
  if (message.starts_with(prefix)) {
    message.remove_prefix(prefix.size());
    const auto [stop, error] =
        std::from_chars(message.data(), message.data() + message.size(), line);
    if (error == std::errc()) {
      message.remove_prefix(static_cast<std::size_t>(stop - message.data()));
    }
    message.remove_prefix(std::min(message.find_first_not_of(": "), message.size()));
  }
  Add(line, "", message);
}

Result<void> Problems::Outcome() const {
  if (list_.empty()) {
    return {};
  }
  std::vector<std::string> lines;
  for (const Problem& problem : list_) {
    const std::string_view separator = problem.field.empty() ? "" : ": ";
    lines.push_back(fmt::format("{}:{}: {}{}{}", file_name_, problem.line, problem.field, separator,
                                problem.message));
  }
  return Fail(Code::kInvalid, fmt::format("{}", fmt::join(lines, "\n")));
}

Fields::Fields(const Node& node,
               std::string path,
               std::initializer_list<std::string_view> known,
               Problems& problems)
    : node_(node), path_(std::move(path)), problems_(problems) {
  if (node.kind != Node::Kind::kMap) {
    problems.Add(node.line, path_, "must be a map of fields");
    return;
  }
  for (const Entry& entry : node.entries) {
    if (std::ranges::find(known, entry.key) == known.end()) {
      problems.Add(entry.line, PathOf(entry.key),
                   fmt::format("unknown field (known are {})", fmt::join(known, ", ")));
    }
  }
}

std::string Fields::PathOf(std::string_view key) const {
  return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

void Fields::Reject(std::string_view key, std::string_view message) {
  const Node* value = node_.Find(key);
  problems_.Add(value == nullptr ? node_.line : value->line, PathOf(key), message);
}

const Node* Fields::OfKind(std::string_view key, Node::Kind kind, std::string_view wanted) {
  const Node* value = node_.Find(key);
  if (value == nullptr || value->kind == kind) {
    return value;
  }
  Reject(key, fmt::format("must be {}", wanted));
  return nullptr;
}

std::optional<std::string> Fields::Text(std::string_view key) {
  const Node* value = OfKind(key, Node::Kind::kScalar, "text");
  return value == nullptr ? std::nullopt : std::optional(value->scalar);
}

std::optional<std::uint64_t> Fields::Number(std::string_view key) {
  const Node* value = OfKind(key, Node::Kind::kScalar, "a whole number");
  if (value == nullptr) {
    return std::nullopt;
  }
  std::uint64_t number = 0;
  const char* end = value->scalar.data() + value->scalar.size();
  const auto [stop, error] = std::from_chars(value->scalar.data(), end, number);
  if (error != std::errc() || stop != end || value->is_quoted) {
    Reject(key, "must be a whole number");
    return std::nullopt;
  }
  return number;
}

const Node* Fields::List(std::string_view key) { return OfKind(key, Node::Kind::kList, "a list"); }

const Node* Fields::Map(std::string_view key) { return OfKind(key, Node::Kind::kMap, "a map"); }

std::map<std::string, std::string> Fields::TextMap(std::string_view key) {
  std::map<std::string, std::string> texts;
  const Node* map = Map(key);
  if (map == nullptr) {
    return texts;
  }
  for (const Entry& entry : map->entries) {
    if (entry.value.kind != Node::Kind::kScalar) {
      problems_.Add(entry.line, fmt::format("{}.{}", PathOf(key), entry.key), "must be text");
      continue;
    }
    texts.emplace(entry.key, entry.value.scalar);
  }
  return texts;
}

std::string Fields::RequiredText(std::string_view key) {
  if (node_.kind == Node::Kind::kMap && node_.Find(key) == nullptr) {
    problems_.Add(node_.line, PathOf(key), "is missing");
    return {};
  }
  auto text = Text(key);
  if (text && text->empty()) {
    Reject(key, "must not be empty");
  }
  return std::move(text).value_or("");
}

}  // namespace paddock::yaml
