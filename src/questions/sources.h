// Sources: the files of questions/, or of whoever keeps questions in files, as documents.
//
// One folder is one schema: schema.yaml, the SQL files that it names, and a YAML file for each
// question. Used by the shipped content and by `paddock questions`. Threading: plain values;
// ReadFolder blocks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace paddock::questions {

inline constexpr std::size_t kSourceFilesMax = 5'000;
inline constexpr std::size_t kSourceBytesMax = std::size_t{64} << 20U;

struct SourceFile {
  std::string path;  // "shop/schema.yaml": a folder and a name, at least
  std::string text;
};

struct SourceSchema {
  std::string id;
  std::string document;  // with the text of all files that it names
  std::string file;
};

struct SourceQuestion {
  std::string id;
  std::string schema;
  std::int64_t number = 0;
  std::string document;
  std::string file;
};

struct Sources {
  std::vector<SourceSchema> schemas;
  std::vector<SourceQuestion> questions;
  // "shop/03-x.yaml:4: points: must be …"
  std::vector<std::string> problems = {};  // NOLINT: may be left out
};

/// What is wrong is in `problems`, and the rest goes on.
[[nodiscard]] Sources ReadSources(const std::vector<SourceFile>& files);

/// The YAML and SQL files of a folder of schemas, or of one schema. Fails with kNotFound,
/// kUnavailable, or kExhausted when there is more than the limits above.
[[nodiscard]] Result<std::vector<SourceFile>> ReadFolder(const std::filesystem::path& folder);

/// Any one file of at most kSourceBytesMax. Fails the same way.
[[nodiscard]] Result<std::string> ReadSourceFile(const std::filesystem::path& path);

}  // namespace paddock::questions
