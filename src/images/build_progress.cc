#include "images/build_progress.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <system_error>
#include <utility>

namespace paddock::images {
namespace {

// Where each stage starts, in percent, as measured with `base` on two cores.
constexpr std::array<int, 8> kStart{0, 2, 12, 25, 45, 88, 94, 100};

int StartOf(Stage stage) { return kStart[static_cast<std::size_t>(stage)]; }
int EndOf(Stage stage) {
  return stage == Stage::kDone ? 100 : kStart[static_cast<std::size_t>(stage) + 1];
}

constexpr std::array<std::pair<std::string_view, Stage>, 6> kMarks{{
    {"I: running apt-get update", Stage::kIndex},
    {"I: downloading packages", Stage::kDownload},
    {"I: extracting archives", Stage::kEssential},
    {"I: installing remaining packages", Stage::kPackages},
    {"I: running --customize-hook", Stage::kCommands},
    {"I: cleaning package lists", Stage::kFinish},
}};

// "0 upgraded, 96 newly installed, …"
int NewlyInstalled(std::string_view line) {
  constexpr std::string_view kBefore = " upgraded, ";
  const std::size_t at = line.find(kBefore);
  if (at == std::string_view::npos || line.find(" newly installed") == std::string_view::npos) {
    return 0;
  }
  int count = 0;
  const auto rest = line.substr(at + kBefore.size());
  const auto [stop, error] = std::from_chars(rest.data(), rest.data() + rest.size(), count);
  return error == std::errc() ? count : 0;
}

}  // namespace

std::string_view Name(Stage stage) noexcept {
  switch (stage) {
    case Stage::kWaiting: return "waiting for another build";
    case Stage::kIndex: return "reading the package index";
    case Stage::kDownload: return "downloading";
    case Stage::kEssential: return "installing the essential system";
    case Stage::kPackages: return "installing packages";
    case Stage::kCommands: return "writing files and running commands";
    case Stage::kFinish: return "cleaning up";
    case Stage::kDone: return "done";
  }
  return "unknown";
}

bool BuildProgress::Add(std::string_view line) {
  progress_.line = line;
  const auto mark = std::ranges::find_if(
      kMarks, [&](const auto& known) { return line.starts_with(known.first); });
  if (mark != kMarks.end()) {
    Enter(mark->second);
    return true;
  }
  if (const int count = NewlyInstalled(line); count > 0) {
    package_count_ = count;
    step_count_ = 0;
    return true;
  }
  const int before = progress_.percent;
  Count(line);
  return progress_.percent != before || line.starts_with(kStepMark);
}

void BuildProgress::Enter(Stage stage) {
  if (stage > progress_.stage) {
    progress_.stage = stage;
    package_count_ = 0;
    step_count_ = 0;
    Raise(StartOf(stage));
  }
}

void BuildProgress::Count(std::string_view line) {
  const bool is_download = line.starts_with("Get:");
  const bool is_step = line.starts_with("Unpacking ") || line.starts_with("Setting up ");
  if (package_count_ == 0 || (!is_download && !is_step)) {
    return;
  }
  ++step_count_;
  // Each package of kPackages is fetched, unpacked and set up; in kDownload it is fetched only.
  const int steps = progress_.stage == Stage::kDownload ? package_count_ : 3 * package_count_;
  const int start = StartOf(progress_.stage);
  Raise(start + (EndOf(progress_.stage) - start) * std::min(step_count_, steps) / steps);
}

void BuildProgress::Raise(int percent) { progress_.percent = std::max(progress_.percent, percent); }

}  // namespace paddock::images
