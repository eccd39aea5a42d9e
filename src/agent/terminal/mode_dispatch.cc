// What the finished sequences mean for the modes. Where terminals differ, this follows xterm.js,
// which is what shows the output.
#include <algorithm>

#include "agent/terminal/mode_tracker.h"

namespace paddock::agent::terminal {
namespace {

Color Basic(int index) {
  return {.kind = Color::Kind::kBasic, .red = static_cast<std::uint8_t>(index)};
}

/// The sixteen colours that have numbers of their own.
void SelectBasicColor(Rendition& pen, int value) {
  if (value >= 30 && value <= 37) {
    pen.foreground = Basic(value - 30);
  } else if (value >= 40 && value <= 47) {
    pen.background = Basic(value - 40);
  } else if (value >= 90 && value <= 97) {
    pen.foreground = Basic(value - 90 + 8);
  } else if (value >= 100 && value <= 107) {
    pen.background = Basic(value - 100 + 8);
  }
}

}  // namespace

std::uint16_t ModeTracker::Parameter(std::size_t at, std::uint16_t otherwise) const noexcept {
  const bool given =
      at < std::min(parameter_count_, kParameterCountMax) && ((given_ >> at) & 1U) != 0;
  return given ? parameters_.at(at) : otherwise;
}

void ModeTracker::DispatchEscape(unsigned char final) {
  Charsets& charsets = modes_.charsets;
  if (intermediate_count_ == 1) {
    constexpr std::string_view kSets = "()*+-./";
    constexpr std::array<std::uint8_t, 7> kSetOf{0, 1, 2, 3, 1, 2, 3};
    const std::size_t set = kSets.find(intermediates_[0]);
    if (set != std::string_view::npos) {
      charsets.introducer.at(kSetOf.at(set)) = intermediates_[0];
      charsets.designated.at(kSetOf.at(set)) = static_cast<char>(final);
    } else if (intermediates_[0] == '%' && (final == 'G' || final == '@')) {
      charsets.introducer[0] = '(';
      charsets.designated[0] = 'B';
      charsets.shifted = 0;
    }
    return;
  }
  if (intermediate_count_ != 0) {
    return;
  }
  switch (final) {
    case '7': SaveCursor(); return;
    case '8': RestoreCursor(); return;
    case '=': modes_.keypad = true; return;
    case '>': modes_.keypad = false; return;
    case 'n': charsets.shifted = 2; return;
    case 'o': charsets.shifted = 3; return;
    case 'c': {
      std::string title = std::move(modes_.title);
      modes_ = Modes();
      modes_.title = std::move(title);
      return;
    }
    default: return;
  }
}

void ModeTracker::DispatchCsi(unsigned char final) {
  if (intermediate_count_ == 1 && private_ == 0) {
    if (intermediates_[0] == ' ' && final == 'q') {
      modes_.cursor_blink.reset();  // the shape says that too
      modes_.cursor_shape = static_cast<std::uint8_t>(std::min<int>(Parameter(0, 0), 6));
    } else if (intermediates_[0] == '!' && final == 'p') {
      SoftReset();
    }
    return;
  }
  if (intermediate_count_ != 0) {
    return;
  }
  if (private_ == '?' && (final == 'h' || final == 'l')) {
    for (std::size_t at = 0; at < std::min(parameter_count_, kParameterCountMax); ++at) {
      SetPrivateMode(Parameter(at, 0), final == 'h');
    }
  } else if (private_ == '>' && final == 'm' && Parameter(0, 0) == 4) {
    modes_.modify_other_keys = static_cast<std::uint8_t>(std::min<int>(Parameter(1, 0), 3));
  } else if (private_ == '>' && final == 'n' && Parameter(0, 0) == 4) {
    modes_.modify_other_keys = 0;
  } else if (private_ == 0) {
    DispatchPlainCsi(final);
  }
}

void ModeTracker::DispatchPlainCsi(unsigned char final) {
  switch (final) {
    case 'm': SelectRendition(); return;
    case 'h':
    case 'l':
      for (std::size_t at = 0; at < std::min(parameter_count_, kParameterCountMax); ++at) {
        if (Parameter(at, 0) == 4) {
          modes_.insert = final == 'h';
        } else if (Parameter(at, 0) == 20) {
          modes_.newline = final == 'h';
        }
      }
      return;
    case 'r': {
      const auto top = std::max<std::uint16_t>(Parameter(0, 1), 1);
      const std::uint16_t bottom = Parameter(1, 0);
      if (bottom == 0 || top < bottom) {
        const bool whole = top == 1 && bottom == 0;
        modes_.margins.at(modes_.alternate_screen ? 1 : 0) =
            whole ? Margins() : Margins{.top = top, .bottom = bottom};
      }
      return;
    }
    case 's': SaveCursor(); return;
    case 'u': RestoreCursor(); return;
    default: return;
  }
}

void ModeTracker::SetPrivateMode(std::uint16_t mode, bool on) {
  switch (mode) {
    case 1: modes_.cursor_keys = on; return;
    case 5: modes_.reverse_video = on; return;
    case 6: modes_.origin = on; return;
    case 7: modes_.autowrap = on; return;
    case 12: modes_.cursor_blink = on; return;
    case 25: modes_.cursor_visible = on; return;
    case 45: modes_.reverse_wrap = on; return;
    case 66: modes_.keypad = on; return;
    case 1004: modes_.focus_reports = on; return;
    case 1007: modes_.alternate_scroll = on; return;
    case 2004: modes_.bracketed_paste = on; return;
    case 47:
    case 1047:
    case 1048:
    case 1049: SetScreenMode(mode, on); return;
    default: SetMouseMode(mode, on); return;
  }
}

void ModeTracker::SetScreenMode(std::uint16_t mode, bool on) {
  const bool with_cursor = mode >= 1048;
  if (with_cursor && on) {
    SaveCursor();
  }
  if (mode != 1048) {
    if (modes_.alternate_screen && !on) {
      modes_.margins[1] = Margins();
      modes_.saved[1] = SavedCursor();
    }
    modes_.alternate_screen = on;
  }
  if (with_cursor && !on) {
    RestoreCursor();
  }
}

void ModeTracker::SetMouseMode(std::uint16_t mode, bool on) {
  switch (mode) {
    case 9:
    case 1000:
    case 1002:
    case 1003: modes_.mouse_reports = on ? mode : std::uint16_t{0}; return;
    case 1005:
    case 1006:
    case 1015:
    case 1016: modes_.mouse_encoding = on ? mode : std::uint16_t{0}; return;
    default: return;
  }
}

void ModeTracker::SelectRendition() {
  if (parameter_count_ == 0) {
    modes_.rendition = Rendition();
    return;
  }
  const std::size_t count = std::min(parameter_count_, kParameterCountMax);
  std::size_t at = 0;
  while (at < count) {
    at = SelectExtended(at);
    // What a sequence says after ':' and nobody took belongs to the parameter before it.
    while (at < count && ((sub_ >> at) & 1U) != 0) {
      ++at;
    }
  }
}

/// Applies the parameter at `at` and returns where the next one stands.
std::size_t ModeTracker::SelectExtended(std::size_t at) {
  Rendition& pen = modes_.rendition;
  const std::uint16_t value = Parameter(at, 0);
  const bool has_sub = at + 1 < kParameterCountMax && ((sub_ >> (at + 1)) & 1U) != 0;
  switch (value) {
    case 0: pen = Rendition(); break;
    case 1: pen.bold = true; break;
    case 2: pen.faint = true; break;
    case 3: pen.italic = true; break;
    case 4:
      pen.underline =
          static_cast<std::uint8_t>(has_sub ? std::min<int>(Parameter(at + 1, 1), 5) : 1);
      break;
    case 5:
    case 6: pen.blink = true; break;
    case 7: pen.inverse = true; break;
    case 8: pen.invisible = true; break;
    case 9: pen.strike = true; break;
    case 21: pen.underline = 2; break;
    case 22: pen.bold = pen.faint = false; break;
    case 23: pen.italic = false; break;
    case 24: pen.underline = 0; break;
    case 25: pen.blink = false; break;
    case 27: pen.inverse = false; break;
    case 28: pen.invisible = false; break;
    case 29: pen.strike = false; break;
    case 38: (void)SelectColor(at, pen.foreground); break;
    case 39: pen.foreground = Color(); break;
    case 48: (void)SelectColor(at, pen.background); break;
    case 49: pen.background = Color(); break;
    case 53: pen.overline = true; break;
    case 55: pen.overline = false; break;
    case 58: (void)SelectColor(at, pen.underline_color); break;
    case 59: pen.underline_color = Color(); break;
    default: SelectBasicColor(pen, value); break;
  }
  return at + 1;
}

/// Reads "38;5;n", "38;2;r;g;b", "38:5:n", "38:2:r:g:b" or "38:2:space:r:g:b" and moves `at` to its
/// last parameter. False, and `color` untouched, for anything else.
bool ModeTracker::SelectColor(std::size_t& at, Color& color) {
  const auto byte_at = [this](std::size_t index) {
    return static_cast<std::uint8_t>(std::min<int>(Parameter(index, 0), 255));
  };
  const auto is_sub = [this](std::size_t index) {
    return index < std::min(parameter_count_, kParameterCountMax) && ((sub_ >> index) & 1U) != 0;
  };
  const std::uint16_t kind = Parameter(at + 1, 0);
  std::size_t first = at + 2;
  if (kind == 5) {
    color = {.kind = Color::Kind::kIndexed, .red = byte_at(first)};
    at = first;
    return true;
  }
  if (kind != 2) {
    at += 1;
    return false;
  }
  if (is_sub(at + 1) && is_sub(at + 5)) {
    ++first;  // the colour space stands before red
  }
  color = {.kind = Color::Kind::kRgb,
           .red = byte_at(first),
           .green = byte_at(first + 1),
           .blue = byte_at(first + 2)};
  at = first + 2;
  return true;
}

void ModeTracker::DispatchOsc() {
  const std::string_view text = osc_;
  if (osc_.size() <= kOscSizeMax && (text.starts_with("0;") || text.starts_with("2;"))) {
    const std::string_view title = text.substr(2);
    const bool is_plain = std::ranges::none_of(
        title, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
    if (is_plain && title.size() <= Modes::kTitleSizeMax) {
      modes_.title = title;
    }
  }
  // A tracker lives as long as its terminal: it does not keep the room of the longest title.
  osc_ = std::string();
}

void ModeTracker::SaveCursor() {
  modes_.saved.at(modes_.alternate_screen ? 1 : 0) = {.exists = true,
                                                      .rendition = modes_.rendition,
                                                      .charsets = modes_.charsets,
                                                      .origin = modes_.origin};
}

void ModeTracker::RestoreCursor() {
  const SavedCursor& saved = modes_.saved.at(modes_.alternate_screen ? 1 : 0);
  modes_.rendition = saved.rendition;
  modes_.charsets = saved.charsets;
  modes_.origin = saved.origin;
}

void ModeTracker::SoftReset() {
  const std::size_t screen = modes_.alternate_screen ? 1 : 0;
  modes_.cursor_visible = true;
  modes_.cursor_keys = false;
  modes_.keypad = false;
  modes_.bracketed_paste = false;
  modes_.origin = false;
  modes_.reverse_wrap = false;
  modes_.focus_reports = false;
  modes_.autowrap = true;
  modes_.insert = false;
  modes_.rendition = Rendition();
  modes_.charsets = Charsets();
  modes_.margins.at(screen) = Margins();
  modes_.saved.at(screen) = SavedCursor();
}

}  // namespace paddock::agent::terminal
