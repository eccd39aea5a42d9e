#include "images/builder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <optional>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/unique_fd.h"
#include "images/apt_sources.h"
#include "images/build_command.h"
#include "images/build_log.h"
#include "images/build_stage.h"
#include "images/files.h"
#include "images/manifest.h"
#include "images/rootfs.h"
#include "images/sha256.h"

namespace paddock::images {
namespace {

constexpr std::chrono::milliseconds kLockPollInterval{200};
constexpr std::string_view kUnfinishedPrefix = ".building-";
constexpr std::string_view kRemovedPrefix = ".removed-";
constexpr std::string_view kDigestPrefix = "sha256:";

std::string HexOf(std::string_view digest) {
  return std::string(digest.substr(kDigestPrefix.size()));
}

// Taken by waiting and asking again rather than by a blocking flock(2), which knows no deadline.
Result<UniqueFd> TakeLock(const std::filesystem::path& path,
                          const ProgressVisitor& visitor,
                          Deadline deadline) {
  UniqueFd file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file) {
    return FailErrno("open", path, errno);
  }
  for (bool is_told = false; flock(file.get(), LOCK_EX | LOCK_NB) != 0; is_told = true) {
    if (!is_told && visitor) {
      visitor(Progress{});
    }
    if (deadline.Passed()) {
      return Fail(Code::kDeadlineExceeded, "another build holds " + path.native());
    }
    std::this_thread::sleep_for(kLockPollInterval);
  }
  return file;
}

// What builders and removals that were killed have left. Best effort: what stays is tried again.
void Sweep(const std::filesystem::path& directory) {
  std::error_code error;
  std::vector<std::filesystem::path> leftovers;
  for (auto entry = std::filesystem::directory_iterator(directory, error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename();
    if (name.starts_with(kUnfinishedPrefix) || name.starts_with(kRemovedPrefix)) {
      leftovers.push_back(entry->path());
    }
  }
  for (const auto& path : leftovers) {
    std::filesystem::remove_all(path, error);
  }
}

std::optional<Image> FindByKey(const Catalog& catalog,
                               std::string_view name,
                               std::string_view key) {
  const auto images = catalog.List();  // newest first
  if (!images) {
    return std::nullopt;
  }
  const auto found = std::ranges::find_if(
      *images, [&](const Image& image) { return image.name == name && image.recipe_key == key; });
  return found == images->end() ? std::nullopt : std::optional(*found);
}

// Replaces the link by rename(2), so that the name never points nowhere.
Result<void> PointName(const std::filesystem::path& directory, const Image& image) {
  const auto link = directory / "names" / image.name;
  const auto fresh = directory / fmt::format("{}name-{}", kUnfinishedPrefix, image.name);
  unlink(fresh.c_str());
  if (symlink(("../" + HexOf(image.digest)).c_str(), fresh.c_str()) != 0) {
    return FailErrno("create", fresh, errno);
  }
  return Rename(fresh, link);
}

}  // namespace

std::string RecipeKey(const Recipe& recipe) {
  return Sha256(fmt::format("builder:{}\n{}", kBuilderVersion, CanonicalText(recipe)));
}

// One build, from the empty directory to the final name.
class Builder::Work {
 public:
  Work(const Builder& builder, const Recipe& recipe, Deadline deadline)
      : builder_(builder),
        recipe_(recipe),
        deadline_(deadline),
        directory_(builder.catalog_.directory()),
        unfinished_(directory_ / fmt::format("{}{}", kUnfinishedPrefix, recipe.name)) {}

  Result<Image> Run() {
    auto image = BuildUnfinished();
    if (!image) {
      std::error_code ignored;  // the first error is the one to tell; the next build sweeps
      std::filesystem::remove_all(unfinished_, ignored);
      return image;
    }
    return image;
  }

 private:
  Result<Image> BuildUnfinished() {
    auto done = MakeDirectories(unfinished_ / "stage");
    if (!done) {
      return Fail(std::move(done).error());
    }
    auto log = BuildLog::Create(unfinished_ / "build.log");
    if (!log) {
      return Fail(std::move(log).error());
    }
    done = Install(*log);
    if (!done) {
      return Fail(std::move(done).error());
    }
    progress_.Enter(Stage::kFinish);
    Show();
    done = Execute(TidyCommand(recipe_, rootfs()), *log, "cleaning up");
    if (!done) {
      return Fail(std::move(done).error());
    }
    return Finish();
  }

  [[nodiscard]] std::filesystem::path rootfs() const { return unfinished_ / "rootfs"; }

  Result<void> Install(BuildLog& log) {
    StageInput input{.directory = unfinished_ / "stage",
                     .rootfs = rootfs(),
                     .sources = {},
                     .acquire_lines = {},
                     .mmdebstrap = builder_.host_.mmdebstrap};
    auto sources =
        ReadSourcesFor(recipe_.suite, builder_.host_.apt_directory, builder_.host_.os_release);
    if (!sources) {
      return Fail(std::move(sources).error());
    }
    input.sources = *std::move(sources);
    auto dumped = RunBuildCommand(
        {"apt-config", "dump", "Acquire"}, BuildEnvironment(),
        [&](std::string_view line) { input.acquire_lines.emplace_back(line); }, deadline_);
    if (!dumped) {
      return Fail(std::move(dumped).error());
    }
    auto argv = WriteStage(recipe_, input);
    if (!argv) {
      return Fail(std::move(argv).error());
    }
    return Execute(*argv, log, "mmdebstrap");
  }

  Result<void> Execute(const std::vector<std::string>& argv, BuildLog& log, std::string_view what) {
    const auto visit = [&](std::string_view line) {
      log.Add(line);
      if (progress_.Add(line)) {
        Show();
      }
    };
    auto status = RunBuildCommand(argv, BuildEnvironment(), visit, deadline_);
    if (status && status->value == 0) {
      return {};
    }
    Error failure = Explain(status, log, what);
    const auto kept = directory_ / fmt::format("failed-{}.log", recipe_.name);
    const bool is_kept = Rename(unfinished_ / "build.log", kept).has_value();
    failure.message += fmt::format("; its last lines:\n{}the whole log: {}", log.Tail(),
                                   is_kept ? kept.native() : "could not be kept");
    return Fail(std::move(failure));
  }

  // What the log tells is closer to the cause than how the program ended.
  [[nodiscard]] Error Explain(const Result<ExitStatus>& status,
                              const BuildLog& log,
                              std::string_view what) const {
    if (log.disk_was_full()) {
      return {.code = Code::kDiskFull,
              .message = fmt::format("the disk of {} is full ({} MiB left)", directory_.native(),
                                     FreeBytes(directory_).count >> 20U)};
    }
    if (!status) {
      return status.error();
    }
    return {.code = log.package_was_unknown() ? Code::kInvalid : Code::kUnavailable,
            .message = fmt::format("{} failed with status {}", what, status->value)};
  }

  Result<Image> Finish() {
    auto done = RemoveTree(unfinished_ / "stage");
    if (!done) {
      return Fail(std::move(done).error());
    }
    auto packages = InstalledPackages(rootfs());
    if (!packages) {
      return Fail(std::move(packages).error());
    }
    auto size = DiskUsage(rootfs());
    if (!size) {
      return Fail(std::move(size).error());
    }
    const std::string key = RecipeKey(recipe_);
    Image image{.name = recipe_.name,
                .digest = Sha256(fmt::format("{}\n{}", key, *packages)),
                .description = recipe_.description,
                .suite = recipe_.suite,
                .rootfs = {},
                .env = recipe_.env,
                .cwd = recipe_.cwd,
                .boot = recipe_.boot,
                .minimum = recipe_.minimum,
                .recipe_key = key,
                .built_at = std::chrono::system_clock::now(),
                .size = *size};
    done = WriteFile(unfinished_ / "manifest.json", FormatManifest(image));
    if (!done) {
      return Fail(std::move(done).error());
    }
    done = SyncFileSystem(unfinished_);
    if (!done) {
      return Fail(std::move(done).error());
    }
    return Publish(std::move(image));
  }

  Result<Image> Publish(Image image) {
    const auto final_directory = directory_ / HexOf(image.digest);
    auto existing = ReadManifest(final_directory);
    if (existing) {
      // A refresh that found no newer package: what sandboxes already use stays as it is.
      auto removed = RemoveTree(unfinished_);
      if (!removed) {
        return Fail(std::move(removed).error());
      }
      image = *std::move(existing);
    } else {
      auto removed = RemoveTree(final_directory);  // damaged, or the call below would fail
      if (!removed) {
        return Fail(std::move(removed).error());
      }
      auto renamed = Rename(unfinished_, final_directory);
      if (!renamed) {
        return Fail(std::move(renamed).error());
      }
      image.rootfs = final_directory / "rootfs";
    }
    auto pointed = PointName(directory_, image);
    if (!pointed) {
      return Fail(std::move(pointed).error());
    }
    progress_.Enter(Stage::kDone);
    Show();
    return image;
  }

  void Show() const {
    if (builder_.visitor_) {
      builder_.visitor_(progress_.progress());
    }
  }

  const Builder& builder_;
  const Recipe& recipe_;
  Deadline deadline_;
  std::filesystem::path directory_;
  std::filesystem::path unfinished_;
  BuildProgress progress_;
};

Builder::Builder(Catalog catalog, BuildHost host, ProgressVisitor visitor)
    : catalog_(std::move(catalog)), host_(std::move(host)), visitor_(std::move(visitor)) {}

Result<Image> Builder::Build(const Recipe& recipe, bool refresh, Deadline deadline) {
  const auto lock = TakeLock(catalog_.directory() / ".lock", visitor_, deadline);
  if (!lock) {
    return Fail(Error(lock.error()).With(fmt::format("build image '{}'", recipe.name)));
  }
  Sweep(catalog_.directory());
  // Asked under the lock: whoever held it before may have built just this.
  auto existing = FindByKey(catalog_, recipe.name, RecipeKey(recipe));
  if (existing && !refresh) {
    auto pointed = PointName(catalog_.directory(), *existing);
    if (!pointed) {
      return Fail(std::move(pointed).error());
    }
    return *std::move(existing);
  }
  Work work(*this, recipe, deadline);
  auto image = work.Run();
  if (!image) {
    return Fail(std::move(image).error().With(fmt::format("build image '{}'", recipe.name)));
  }
  return image;
}

}  // namespace paddock::images
