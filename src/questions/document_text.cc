#include "questions/document_text.h"

#include <utility>

#include <fmt/format.h>

#include "base/utf8.h"

namespace paddock::questions {
namespace {

constexpr std::string_view kNoUtf8 = "is no UTF-8: save the file in that encoding";

/// The line of the first byte that is no UTF-8; nothing when all of it is.
std::optional<int> BadLineOf(std::string_view text) {
  if (IsValidUtf8(text)) {
    return std::nullopt;
  }
  int line = 1;
  while (const std::size_t length = Utf8CharacterLength(text)) {
    line += text.front() == '\n' ? 1 : 0;
    text.remove_prefix(length);
  }
  return line;
}

}  // namespace

std::optional<yaml::Node> ReadDocument(std::string_view text, yaml::Problems& problems) {
  if (const auto line = BadLineOf(text)) {
    problems.Add(*line, "", kNoUtf8);
    return std::nullopt;
  }
  auto node = yaml::Parse(text, problems.file_name());
  if (!node) {
    problems.AddFailure(node.error());
    return std::nullopt;
  }
  return *std::move(node);
}

Result<std::string> ReadNamed(const FileReader& files, std::string_view name) {
  auto text = files(name);
  const auto line = text ? BadLineOf(*text) : std::nullopt;
  if (line) {
    return Fail(Code::kInvalid, fmt::format("line {} of '{}' {}", *line, name, kNoUtf8));
  }
  return text;
}

}  // namespace paddock::questions
