#include "app/store_command.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include "aio/task_scope.h"
#include "app/open_store.h"
#include "app/settings.h"
#include "base/unique_fd.h"
#include "store/migrations.h"
#include "store/transfer.h"

namespace paddock::app {
namespace {

constexpr std::chrono::seconds kOpenTimeMax{30};
constexpr std::chrono::hours kTransferTimeMax{12};
constexpr std::chrono::seconds kCloseTimeMax{30};
constexpr std::size_t kReadStep = std::size_t{64} * 1024;
constexpr mode_t kFileMode = 0600;  // password hashes are in it

struct Options {
  StoreAddress address;
  std::string name_space;
  std::string file;
};

Error ErrnoError(std::string_view what, const std::string& path) {
  const int number = errno;
  return Error{
      .code = number == ENOSPC ? Code::kDiskFull : Code::kUnavailable,
      .message = fmt::format("{} {}: {}", what, path, std::generic_category().message(number))};
}

/// The file of an export while it is written: it has its name only once it is whole.
class ExportFile {
 public:
  explicit ExportFile(std::string path) : path_(std::move(path)) {}
  ExportFile(const ExportFile&) = delete;
  ExportFile& operator=(const ExportFile&) = delete;
  ~ExportFile() {
    if (!partial_.empty()) {
      unlink(partial_.c_str());
    }
  }

  Result<void> Open() {
    if (path_ == "-") {
      file_.Reset(dup(STDOUT_FILENO));
    } else {
      partial_ = path_ + ".partial";
      file_.Reset(open(partial_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kFileMode));
    }
    if (!file_) {
      const Error error = ErrnoError("create", path_);
      partial_.clear();
      return Fail(error);
    }
    return {};
  }

  Result<void> Write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = write(file_.get(), bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) {
        continue;
      }
      if (count < 0) {
        return Fail(ErrnoError("write", path_));
      }
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
  }

  Result<void> Finish() {
    if (partial_.empty()) {
      return {};
    }
    if (fsync(file_.get()) != 0 || rename(partial_.c_str(), path_.c_str()) != 0) {
      return Fail(ErrnoError("finish", path_));
    }
    partial_.clear();
    return {};
  }

 private:
  std::string path_;
  std::string partial_;
  UniqueFd file_;
};

/// Lines of a file, of bounded length.
class LineReader {
 public:
  explicit LineReader(std::string path) : path_(std::move(path)) {}

  Result<void> Open() {
    file_.Reset(path_ == "-" ? dup(STDIN_FILENO) : open(path_.c_str(), O_RDONLY | O_CLOEXEC));
    return file_ ? Result<void>() : Result<void>(Fail(ErrnoError("open", path_)));
  }

  Result<std::optional<std::string>> Next() {
    std::size_t searched = 0;
    for (;;) {
      const std::size_t end = buffer_.find('\n', begin_ + searched);
      if (end != std::string::npos) {
        std::string line = buffer_.substr(begin_, end - begin_);
        begin_ = end + 1;
        return line;
      }
      searched = buffer_.size() - begin_;
      if (searched > store::kExportLineMax) {
        return Fail(Code::kInvalid, "the line is longer than any row can be");
      }
      auto more = Fill();
      if (!more) {
        return Fail(std::move(more).error());
      }
      if (!*more) {
        return searched == 0 ? std::nullopt
                             : std::optional(buffer_.substr(std::exchange(begin_, buffer_.size())));
      }
    }
  }

 private:
  Result<bool> Fill() {
    buffer_.erase(0, std::exchange(begin_, 0));
    const std::size_t filled = buffer_.size();
    buffer_.resize(filled + kReadStep);
    ssize_t count = 0;
    do {
      count = read(file_.get(), buffer_.data() + filled, kReadStep);
    } while (count < 0 && errno == EINTR);
    buffer_.resize(filled + static_cast<std::size_t>(count < 0 ? 0 : count));
    return count < 0 ? Result<bool>(Fail(ErrnoError("read", path_))) : Result<bool>(count > 0);
  }

  std::string path_;
  UniqueFd file_;
  std::string buffer_;
  std::size_t begin_ = 0;  // of what has not been returned
};

aio::Task<Result<void>> ExportTo(store::Database& database, Options options) {
  ExportFile file(options.file);
  if (auto opened = file.Open(); !opened) {
    co_return opened;
  }
  store::WriteBytes write = [&file](std::string_view bytes) { return file.Write(bytes); };
  auto count = co_await store::Export(database, options.name_space, std::move(write),
                                      Deadline::After(kTransferTimeMax));
  if (!count) {
    co_return Fail(std::move(count).error());
  }
  if (auto finished = file.Finish(); !finished) {
    co_return finished;
  }
  fmt::print(stderr, "{} rows of namespace {} exported from {}\n", *count, options.name_space,
             database.state().engine);
  co_return Result<void>();
}

aio::Task<Result<void>> ImportFrom(store::Database& database, Options options) {
  LineReader lines(options.file);
  if (auto opened = lines.Open(); !opened) {
    co_return opened;
  }
  auto migrated = co_await database.Migrate(store::Migrations(), Deadline::After(kTransferTimeMax));
  if (!migrated) {
    co_return migrated;
  }
  store::ReadLine read = [&lines] { return lines.Next(); };
  auto count = co_await store::Import(database, options.name_space, std::move(read),
                                      Deadline::After(kTransferTimeMax));
  if (!count) {
    co_return Fail(std::move(count).error());
  }
  fmt::print(stderr, "{} rows imported into namespace {} of {}\n", *count, options.name_space,
             database.state().engine);
  co_return Result<void>();
}

aio::Task<void> Transfer(Options options, Result<void>& outcome) {
  auto opened = co_await OpenStore(options.address, Deadline::After(kOpenTimeMax));
  if (!opened) {
    outcome = Fail(std::move(opened).error());
    co_return;
  }
  store::Database& database = **opened;
  if (options.address.read_only) {
    outcome = co_await ExportTo(database, std::move(options));
  } else {
    outcome = co_await ImportFrom(database, std::move(options));
  }
  co_await database.Close(Deadline::After(kCloseTimeMax));
}

int Run(const Options& options) {
  boost::asio::io_context loop{1};
  Result<void> outcome;
  aio::TaskScope scope(loop.get_executor());
  scope.Spawn(Transfer(options, outcome));
  loop.run();
  if (!outcome) {
    fmt::print(stderr, "paddock store: {}\n", outcome.error().message);
    return 1;
  }
  return 0;
}

int ExplainUsage(std::FILE* out, int status) {
  fmt::print(
      out, "{}\n",
      "usage: paddock store export FILE [OPTIONS]   write everything, also while a server "
      "runs\n"
      "       paddock store import FILE [OPTIONS]   read an export into an empty namespace\n\n"
      "FILE may be -, the standard output or input. OPTIONS are those of `paddock serve`, "
      "from flags,\nenvironment and configuration: --store (or --store-file, for its "
      "password), --data-dir, --namespace.");
  return status;
}

}  // namespace

int StoreCommand(std::span<char*> arguments) {
  const std::vector<std::string> words(arguments.begin() + 1, arguments.end());
  const std::string_view action = words.empty() ? std::string_view() : words.front();
  if (action == "--help" || action == "-h") {
    return ExplainUsage(stdout, 0);
  }
  const bool is_export = action == "export";
  if (words.size() < 2 || (!is_export && action != "import") || words[1].starts_with("--")) {
    return ExplainUsage(stderr, 2);
  }
  Settings settings(config::Process::kAll);
  settings.Read(std::span(words).subspan(2), ProcessEnvironment());
  if (settings.report().wants_help) {
    return ExplainUsage(stdout, 0);
  }
  for (const std::string& error : settings.report().errors) {
    fmt::print(stderr, "{}\n", error);
  }
  if (!settings.report().errors.empty()) {
    return 2;
  }
  const ServeOptions& serve = settings.serve();
  return Run({.address = {.url = serve.store, .data_dir = serve.data_dir, .read_only = is_export},
              .name_space = serve.store_namespace,
              .file = words[1]});
}

}  // namespace paddock::app
