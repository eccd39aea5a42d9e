// BuildProgress: tells from mmdebstrap's output how far a build is.
//
// Fed by the builder, line by line. Pure; use from one thread.
#pragma once

#include <string>
#include <string_view>

namespace paddock::images {

enum class Stage { kWaiting, kIndex, kDownload, kEssential, kPackages, kCommands, kFinish, kDone };

/// For people: "installing packages".
[[nodiscard]] std::string_view Name(Stage stage) noexcept;

struct Progress {
  Stage stage = Stage::kWaiting;
  int percent = 0;   // of the whole build; a guess, but it never goes back
  std::string line;  // the last line of output
};

class BuildProgress {
 public:
  /// Takes one line of output. True when something changed that is worth showing.
  bool Add(std::string_view line);

  /// For stages that the builder itself knows of.
  void Enter(Stage stage);

  [[nodiscard]] const Progress& progress() const noexcept { return progress_; }

 private:
  void Count(std::string_view line);
  void Raise(int percent);

  Progress progress_;
  int package_count_ = 0;  // to be installed in this stage, 0 as long as unknown
  int step_count_ = 0;     // of unpacking and configuring them
};

/// What the scripts of build_stage.h print before each of their steps.
inline constexpr std::string_view kStepMark = "paddock: ";

}  // namespace paddock::images
