#include "yaml/fields.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace paddock::yaml {

void Problems::Add(int line, std::string_view field, std::string_view message) {
  if (lines_.size() == kProblemCountMax) {
    return;
  }
  const std::string_view separator = field.empty() ? "" : ": ";
  lines_.push_back(fmt::format("{}:{}: {}{}{}", file_name_, line, field, separator, message));
}

Result<void> Problems::Outcome() const {
  if (lines_.empty()) {
    return {};
  }
  return Fail(Code::kInvalid, fmt::format("{}", fmt::join(lines_, "\n")));
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
