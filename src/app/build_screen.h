// BuildScreen: shows how a build goes on, on a terminal as one line that is drawn again, elsewhere
// as one line for each stage. Writes to standard error. Use from one thread.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "images/build_progress.h"

namespace paddock::app {

class BuildScreen {
 public:
  explicit BuildScreen(std::string name);

  void Show(const images::Progress& progress);

  /// Ends the line on a terminal, so that what follows starts on its own.
  void Finish();

  [[nodiscard]] std::chrono::milliseconds Elapsed() const;

 private:
  void Draw(const images::Progress& progress);

  std::string name_;
  bool is_terminal_;
  bool has_drawn_ = false;
  images::Stage stage_shown_ = images::Stage::kDone;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

}  // namespace paddock::app
