// Modes: what a terminal's screen does not show and a program relies on: which screen, which mouse
// reports, which colours are on. Threading: plain values.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace paddock::agent::terminal {

/// One colour of SGR. kBasic is 0 to 15 (30-37, 90-97; bold may brighten it), kIndexed the palette.
struct Color {
  enum class Kind : std::uint8_t { kDefault, kBasic, kIndexed, kRgb };
  Kind kind = Kind::kDefault;
  std::uint8_t red = 0;  // or the index
  std::uint8_t green = 0;
  std::uint8_t blue = 0;
  friend bool operator==(Color, Color) = default;
};

/// Select Graphic Rendition: how the next character looks.
struct Rendition {
  bool bold = false;
  bool faint = false;
  bool italic = false;
  std::uint8_t underline = 0;  // the style of 4:n, zero is none
  bool blink = false;
  bool inverse = false;
  bool invisible = false;
  bool strike = false;
  bool overline = false;
  Color foreground;
  Color background;
  Color underline_color;
  friend bool operator==(const Rendition&, const Rendition&) = default;
};

/// G0 to G3 as the two bytes that designated each ("(B" is ASCII, "(0" line drawing), and the
/// shift.
struct Charsets {
  std::array<char, 4> introducer{'(', ')', '*', '+'};
  std::array<char, 4> designated{'B', 'B', 'B', 'B'};
  std::uint8_t shifted = 0;  // which of them GL is
  friend bool operator==(const Charsets&, const Charsets&) = default;
};

struct Margins {
  std::uint16_t top = 0;     // 1-based; zero: the whole screen
  std::uint16_t bottom = 0;  // zero: the last row
  friend bool operator==(Margins, Margins) = default;
};

/// What DECSC keeps, but for the cursor's place.
struct SavedCursor {
  bool exists = false;
  Rendition rendition;
  Charsets charsets;
  bool origin = false;
  friend bool operator==(const SavedCursor&, const SavedCursor&) = default;
};

struct Modes {
  static constexpr std::size_t kTitleSizeMax = 256;

  bool alternate_screen = false;
  bool cursor_keys = false;          // ?1
  bool reverse_video = false;        // ?5
  bool origin = false;               // ?6
  bool autowrap = true;              // ?7
  std::optional<bool> cursor_blink;  // ?12; the terminal's own taste when the program said nothing
  bool cursor_visible = true;        // ?25
  bool reverse_wrap = false;         // ?45
  bool keypad = false;               // ESC =, ?66
  bool insert = false;               // 4
  bool newline = false;              // 20
  bool focus_reports = false;        // ?1004
  bool alternate_scroll = false;     // ?1007
  bool bracketed_paste = false;      // ?2004
  std::uint16_t mouse_reports = 0;   // 9, 1000, 1002, 1003
  std::uint16_t mouse_encoding = 0;  // 1005, 1006, 1015, 1016
  std::uint8_t cursor_shape = 0;     // DECSCUSR
  std::uint8_t modify_other_keys = 0;
  Rendition rendition;
  Charsets charsets;
  std::array<Margins, 2> margins;    // of the main and of the alternate screen, as in xterm.js
  std::array<SavedCursor, 2> saved;  // likewise
  std::string title;                 // OSC 0 and 2, without control characters

  [[nodiscard]] bool full_screen() const noexcept {
    return alternate_screen || margins[0] != Margins();
  }
  /// Bytes that bring a terminal which was just reset into these modes. At most 1 KiB.
  [[nodiscard]] std::string Restore() const;

  friend bool operator==(const Modes&, const Modes&) = default;
};

}  // namespace paddock::agent::terminal
