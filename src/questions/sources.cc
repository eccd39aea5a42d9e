#include "questions/sources.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "questions/document.h"

namespace paddock::questions {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSchemaFile = "schema.yaml";
constexpr int kFolderDepthMax = 3;

/// The files of one folder, by name.
using Folder = std::map<std::string, const SourceFile*, std::less<>>;

void AddProblems(const yaml::Problems& problems, Sources& sources) {
  for (const yaml::Problem& problem : problems.list()) {
    sources.problems.push_back(fmt::format("{}:{}: {}{}{}", problems.file_name(), problem.line,
                                           problem.field, problem.field.empty() ? "" : ": ",
                                           problem.message));
  }
}

class Reader {
 public:
  explicit Reader(const std::vector<SourceFile>& files) {
    for (const SourceFile& file : files) {
      const fs::path path(file.path);
      folders_[path.parent_path().string()].emplace(path.filename().string(), &file);
    }
  }

  Sources Run() {
    for (const auto& [path, folder] : folders_) {
      ReadOne(path, folder);
    }
    return std::move(sources_);
  }

 private:
  void ReadOne(const std::string& path, const Folder& folder) {
    const auto schema = folder.find(kSchemaFile);
    std::optional<std::string> id;
    if (schema != folder.end()) {
      id = ReadSchema(*schema->second, folder);
    }
    for (const auto& [name, file] : folder) {
      if (name == kSchemaFile || !name.ends_with(".yaml")) {
        continue;
      }
      if (schema == folder.end()) {
        sources_.problems.push_back(
            fmt::format("{}:1: there is no {} beside it in '{}'", file->path, kSchemaFile, path));
      } else if (id) {
        ReadQuestion(*file, *id);
      }
    }
  }

  std::optional<std::string> ReadSchema(const SourceFile& file, const Folder& folder) {
    const FileReader files = [&folder](std::string_view name) -> Result<std::string> {
      const auto found = folder.find(name);
      if (found == folder.end()) {
        return Fail(Code::kNotFound, fmt::format("there is no file '{}' beside it", name));
      }
      return found->second->text;
    };
    yaml::Problems problems(file.path);
    auto document = ParseSchema(file.text, files, problems);
    if (!document.id.empty() && !schema_ids_.insert(document.id).second) {
      problems.Add(1, "id", "is another schema's already");
    }
    AddProblems(problems, sources_);
    if (!problems.empty()) {
      return std::nullopt;
    }
    sources_.schemas.push_back(
        {.id = document.id, .document = WriteSchema(document), .file = file.path});
    return std::move(document.id);
  }

  void ReadQuestion(const SourceFile& file, const std::string& schema) {
    yaml::Problems problems(file.path);
    const auto document = ParseQuestion(file.text, problems);
    if (!document.schema.empty() && document.schema != schema) {
      problems.Add(document.lines.contains("schema") ? document.lines.at("schema") : 1, "schema",
                   fmt::format("must be '{}', as in the folder", schema));
    }
    if (!document.id.empty() && !question_ids_.insert(document.id).second) {
      problems.Add(1, "id", "is another question's already");
    }
    if (document.number != 0 && !numbers_.insert(document.number).second) {
      problems.Add(1, "number", "is another question's already");
    }
    AddProblems(problems, sources_);
    if (problems.empty()) {
      sources_.questions.push_back({.id = document.id,
                                    .schema = schema,
                                    .number = document.number,
                                    .document = file.text,
                                    .file = file.path});
    }
  }

  std::map<std::string, Folder> folders_;
  std::set<std::string> schema_ids_;
  std::set<std::string> question_ids_;
  std::set<std::int64_t> numbers_;
  Sources sources_;
};

bool IsSource(const fs::path& path) {
  return path.extension() == ".yaml" || path.extension() == ".sql";
}

}  // namespace

Sources ReadSources(const std::vector<SourceFile>& files) { return Reader(files).Run(); }

Result<std::string> ReadSourceFile(const fs::path& path) {
  std::error_code failure;
  const auto size = fs::file_size(path, failure);
  if (failure) {
    return Fail(Code::kNotFound, fmt::format("{}: {}", path.string(), failure.message()));
  }
  if (size > kSourceBytesMax) {
    return Fail(Code::kExhausted,
                fmt::format("{} is larger than {} bytes", path.string(), kSourceBytesMax));
  }
  std::ifstream stream(path, std::ios::binary);
  std::string text(size, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(size));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (stream.bad() || !stream.is_open()) {
    return Fail(Code::kUnavailable, fmt::format("{} cannot be read", path.string()));
  }
  return text;
}

Result<std::vector<SourceFile>> ReadFolder(const fs::path& folder) {
  std::vector<SourceFile> files;
  std::size_t bytes = 0;
  std::error_code failure;
  fs::recursive_directory_iterator entry(folder, failure);
  if (failure) {
    return Fail(Code::kNotFound, fmt::format("{}: {}", folder.string(), failure.message()));
  }
  for (; entry != fs::recursive_directory_iterator(); entry.increment(failure)) {
    if (failure) {
      return Fail(Code::kUnavailable, fmt::format("{}: {}", folder.string(), failure.message()));
    }
    if (entry.depth() >= kFolderDepthMax) {
      entry.disable_recursion_pending();
    }
    if (!IsSource(entry->path()) || !entry->is_regular_file(failure)) {
      continue;
    }
    auto text = ReadSourceFile(entry->path());
    if (!text) {
      return Fail(std::move(text).error());
    }
    bytes += text->size();
    if (files.size() == kSourceFilesMax || bytes > kSourceBytesMax) {
      return Fail(Code::kExhausted, fmt::format("{} has more than {} files or {} bytes",
                                                folder.string(), kSourceFilesMax, kSourceBytesMax));
    }
    files.push_back({.path = entry->path().string(), .text = *std::move(text)});
  }
  std::ranges::sort(files, {}, &SourceFile::path);
  return files;
}

}  // namespace paddock::questions
