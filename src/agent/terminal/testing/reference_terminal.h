// ReferenceTerminal: libvterm, which tests believe about what a terminal shows.
#pragma once

#include <vterm.h>

#include <memory>
#include <string>
#include <string_view>

namespace paddock::agent::terminal::testing {

class ReferenceTerminal {
 public:
  ReferenceTerminal(int column_count, int row_count);
  ReferenceTerminal(const ReferenceTerminal&) = delete;
  ReferenceTerminal& operator=(const ReferenceTerminal&) = delete;

  void Write(std::string_view bytes);

  /// Every cell with its look, one line per row, and where the cursor stands.
  [[nodiscard]] std::string Screen() const;

  /// All that can be seen of the modes: properties, what keys, paste and mouse send, and what a
  /// fixed text does to the screen. Overwrites the screen.
  [[nodiscard]] std::string ProbeModes();

 private:
  struct Free {
    void operator()(VTerm* terminal) const { vterm_free(terminal); }
  };
  static int OnProperty(VTermProp property, VTermValue* value, void* self);
  [[nodiscard]] std::string Answer();

  static const VTermScreenCallbacks kCallbacks;

  int column_count_;
  int row_count_;
  std::unique_ptr<VTerm, Free> terminal_;
  VTermScreen* screen_;
  std::string title_;
  int properties_[16] = {};
};

}  // namespace paddock::agent::terminal::testing
