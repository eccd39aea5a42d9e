// ModeTracker: follows a program's output byte by byte and knows the terminal's modes after it.
//
// It sees the bytes that fall off the ring, so that a viewer who comes later can be put into the
// state that these bytes left. The states are those of Paul Williams' parser for DEC's terminals
// (https://vt100.net/emu/dec_ansi_parser), with UTF-8 and, as in xterm.js, strings that are merely
// skipped. It keeps no cursor and no cells: not followed are the cursor's place, tab stops, the
// palette (OSC 4, 10, 11) and hyperlinks.
//
// Threading: one thread; a value type. Hostile input: time is linear, memory is fixed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "agent/terminal/modes.h"

namespace paddock::agent::terminal {

class ModeTracker {
 public:
  /// Follows all of `bytes`.
  void Feed(std::string_view bytes);

  /// Follows `bytes` up to the first boundary between characters and escape sequences and returns
  /// how many bytes stand before it: zero when it stands at one already, npos when there is none.
  [[nodiscard]] std::size_t FeedToBoundary(std::string_view bytes);

  /// True between characters and escape sequences.
  [[nodiscard]] bool at_boundary() const noexcept {
    return state_ == State::kGround && partial_character_ == 0;
  }
  [[nodiscard]] const Modes& modes() const noexcept { return modes_; }
  /// modes().Restore(), and, inside a string that has not ended (an image, a title), what makes a
  /// terminal skip the rest of it.
  [[nodiscard]] std::string Restore() const;

  static constexpr std::size_t npos = std::string_view::npos;

 private:
  enum class State : std::uint8_t {
    kGround,
    kEscape,
    kEscapeIntermediate,
    kCsi,
    kCsiIgnore,
    kOsc,
    kString,  // DCS, SOS, PM, APC: skipped up to their end
  };
  static constexpr std::size_t kParameterCountMax = 32;
  static constexpr std::size_t kOscSizeMax = Modes::kTitleSizeMax + 8;

  void Step(unsigned char byte);
  std::size_t SkipText(std::string_view bytes);
  [[nodiscard]] std::size_t SkipString(std::string_view bytes) const;
  void Ground(unsigned char byte);
  void Escape(unsigned char byte);
  void Csi(unsigned char byte);
  void Osc(unsigned char byte);
  void Control(unsigned char byte);
  void C1(unsigned char byte);
  void EnterCsi();
  void AddDigit(unsigned char byte);
  void NextParameter(bool is_sub);

  void DispatchEscape(unsigned char final);
  void DispatchCsi(unsigned char final);
  void DispatchPlainCsi(unsigned char final);
  void DispatchOsc();
  void SetPrivateMode(std::uint16_t mode, bool on);
  void SetScreenMode(std::uint16_t mode, bool on);
  void SetMouseMode(std::uint16_t mode, bool on);
  void SelectRendition();
  std::size_t SelectExtended(std::size_t at);
  bool SelectColor(std::size_t& at, Color& color);
  void SaveCursor();
  void RestoreCursor();
  void SoftReset();
  [[nodiscard]] std::uint16_t Parameter(std::size_t at, std::uint16_t otherwise) const noexcept;

  Modes modes_;
  State state_ = State::kGround;
  bool single_c2_ = false;               // 0xC2 was read: a C1 control or a character of two bytes
  std::uint8_t partial_character_ = 0;   // bytes of a character that are still to come
  char private_ = 0;                     // '?', '>', '<', '=' or none
  std::array<char, 2> intermediates_{};  // of the sequence being read
  std::uint8_t intermediate_count_ = 0;
  std::array<std::uint16_t, kParameterCountMax> parameters_{};
  std::uint32_t given_ = 0;  // bit n: parameter n has a digit
  std::uint32_t sub_ = 0;    // bit n: parameter n was separated by ':'
  std::size_t parameter_count_ = 0;
  std::string osc_;
};

}  // namespace paddock::agent::terminal
