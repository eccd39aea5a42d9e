// Feeds arbitrary texts to what reads seeds of Database Playground, whole and cut into two files,
// and checks that what comes out are documents, and that what is refused has a place.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "questions/document.h"
#include "questions/seed.h"

namespace paddock::questions {
namespace {

void Check(const std::vector<SourceFile>& files) {
  const auto sources = ParseSeed(files);
  if (!sources) {
    PADDOCK_CHECK(sources.error().code == Code::kInvalid);
    PADDOCK_CHECK(sources.error().message.contains(".sql:") ||
                  sources.error().message.starts_with("the seed inserts nothing"));
    return;
  }
  yaml::Problems problems("seed");
  for (const SourceSchema& schema : sources->schemas) {
    PADDOCK_CHECK(ParseSchema(schema.document, nullptr, problems).id == schema.id);
  }
  for (const SourceQuestion& question : sources->questions) {
    PADDOCK_CHECK(ParseQuestion(question.document, problems).id == question.id);
  }
  PADDOCK_CHECK(problems.empty());
}

}  // namespace
}  // namespace paddock::questions

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using paddock::questions::SourceFile;
  // The fuzzer's bytes are text here.
  const std::string text(reinterpret_cast<const char*>(bytes), size);  // NOLINT
  paddock::questions::Check({SourceFile{.path = "seed.sql", .text = text}});
  const std::size_t half = size / 2;
  paddock::questions::Check({SourceFile{.path = "one.sql", .text = text.substr(0, half)},
                             SourceFile{.path = "two.sql", .text = text.substr(half)}});
  return 0;
}
