// Feeds arbitrary bytes to what reads the documents of questions and schemas, and checks that what
// is accepted is written so that it reads as the same.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "questions/document.h"

namespace paddock::questions {
namespace {

void CheckQuestion(std::string_view text) {
  yaml::Problems problems("question");
  const auto question = ParseQuestion(text, problems);
  if (!problems.empty()) {
    return;
  }
  PADDOCK_CHECK(IsSlug(question.id) && !question.references.empty());
  const std::string written = WriteQuestion(question);
  const auto again = ParseQuestion(written, problems);
  PADDOCK_CHECK(problems.empty() && WriteQuestion(again) == written);
}

void CheckSchema(std::string_view text) {
  yaml::Problems problems("schema");
  const FileReader files = [](std::string_view name) -> Result<std::string> {
    return std::string("-- ").append(name);
  };
  const auto schema = ParseSchema(text, files, problems);
  if (!problems.empty()) {
    return;
  }
  const std::string written = WriteSchema(schema);
  const auto again = ParseSchema(written, nullptr, problems);
  PADDOCK_CHECK(problems.empty() && WriteSchema(again) == written);
}

}  // namespace
}  // namespace paddock::questions

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  // The fuzzer's bytes are text here.
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);  // NOLINT
  paddock::questions::CheckQuestion(text);
  paddock::questions::CheckSchema(text);
  return 0;
}
