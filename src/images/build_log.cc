#include "images/build_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

#include "images/files.h"

namespace paddock::images {
namespace {

constexpr std::size_t kTailLineCount = 15;

}  // namespace

Result<BuildLog> BuildLog::Create(const std::filesystem::path& path) {
  UniqueFd file(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!file) {
    return FailErrno("create", path, errno);
  }
  return BuildLog(std::move(file));
}

void BuildLog::Add(std::string_view line) {
  disk_was_full_ |= line.find("No space left on device") != std::string_view::npos ||
                    line.find("You don't have enough free space") != std::string_view::npos;
  package_was_unknown_ |= line.starts_with("E: Unable to locate package");
  std::string text = std::string(line) + "\n";
  if (write(file_.get(), text.data(), text.size()) < 0) {
    disk_was_full_ |= errno == ENOSPC || errno == EDQUOT;
  }
  tail_.push_back(std::move(text));
  if (tail_.size() > kTailLineCount) {
    tail_.pop_front();
  }
}

std::string BuildLog::Tail() const {
  std::string text;
  for (const std::string& line : tail_) {
    text += "    " + line;
  }
  return text;
}

}  // namespace paddock::images
