// The states: which byte belongs to what. What a finished sequence means: mode_dispatch.cc.
#include "agent/terminal/mode_tracker.h"

#include <algorithm>

#include "agent/terminal/utf8.h"

namespace paddock::agent::terminal {
namespace {

constexpr unsigned char kBell = 0x07;
constexpr unsigned char kShiftOut = 0x0E;
constexpr unsigned char kShiftIn = 0x0F;
constexpr unsigned char kCancel = 0x18;
constexpr unsigned char kSubstitute = 0x1A;
constexpr unsigned char kEscapeByte = 0x1B;
constexpr unsigned char kC1Lead = 0xC2;  // U+0080 to U+009F in UTF-8 begin so

/// Bytes that can change a mode or begin what can, while plain text is read.
constexpr bool MattersInText(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte == kEscapeByte || byte == kShiftOut || byte == kShiftIn || byte == kC1Lead;
}

/// Bytes that can end a string.
constexpr bool MattersInString(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte == kEscapeByte || byte == kCancel || byte == kSubstitute || byte == kC1Lead;
}

/// Index of the first byte for which `matters`, or the size. The inner loop has no exit, so that
/// the compiler makes vector instructions of it.
template <class Predicate>
std::size_t Scan(std::string_view bytes, Predicate matters) noexcept {
  constexpr std::size_t kBlock = 64;
  constexpr std::size_t kShort = 16;  // most runs of text between two sequences
  std::size_t at = 0;
  for (; at < kShort && at < bytes.size(); ++at) {
    if (matters(bytes[at])) {
      return at;
    }
  }
  for (; at + kBlock <= bytes.size(); at += kBlock) {
    unsigned hits = 0;
    for (std::size_t index = 0; index < kBlock; ++index) {
      hits |= static_cast<unsigned>(matters(bytes[at + index]));
    }
    if (hits != 0) {
      break;
    }
  }
  while (at < bytes.size() && !matters(bytes[at])) {
    ++at;
  }
  return at;
}

}  // namespace

void ModeTracker::Feed(std::string_view bytes) {
  while (!bytes.empty()) {
    std::size_t skipped = 0;
    if (at_boundary()) {
      skipped = SkipText(bytes);
    } else if (state_ == State::kString) {
      skipped = SkipString(bytes);
    }
    bytes.remove_prefix(skipped);
    if (!bytes.empty()) {
      Step(static_cast<unsigned char>(bytes.front()));
      bytes.remove_prefix(1);
    }
  }
}

std::size_t ModeTracker::FeedToBoundary(std::string_view bytes) {
  std::size_t at = 0;
  while (!at_boundary()) {
    if (state_ == State::kString) {
      at += SkipString(bytes.substr(at));
    }
    if (at == bytes.size()) {
      return npos;
    }
    Step(static_cast<unsigned char>(bytes[at]));
    ++at;
  }
  return at;
}

std::string ModeTracker::Restore() const {
  std::string out = modes_.Restore();
  // A number that no terminal knows, and a string that none reads: both swallow what follows. They
  // differ in that BEL ends the first.
  if (state_ == State::kOsc) {
    out += "\x1b]7777;";
  } else if (state_ == State::kString) {
    out += "\x1bX";
  }
  return out;
}

std::size_t ModeTracker::SkipText(std::string_view bytes) {
  const std::size_t count = Scan(bytes, MattersInText);
  const std::string_view text = bytes.substr(0, count);
  const std::size_t partial = PartialCharacterSize(text);
  if (partial != 0) {
    const auto lead = static_cast<unsigned char>(text[text.size() - partial]);
    partial_character_ = static_cast<std::uint8_t>(CharacterSize(lead) - partial);
  }
  return count;
}

std::size_t ModeTracker::SkipString(std::string_view bytes) const {
  if (single_c2_) {
    return 0;
  }
  return Scan(bytes, MattersInString);
}

void ModeTracker::Step(unsigned char byte) {
  switch (state_) {
    case State::kGround: Ground(byte); return;
    case State::kEscape:
    case State::kEscapeIntermediate: Escape(byte); return;
    case State::kCsi:
    case State::kCsiIgnore: Csi(byte); return;
    case State::kOsc:
    case State::kString: Osc(byte); return;
  }
}

void ModeTracker::Ground(unsigned char byte) {
  if (partial_character_ > 0 && IsContinuation(byte)) {
    --partial_character_;
    if (single_c2_ && byte < 0xA0) {
      C1(byte);
    }
    single_c2_ = false;
    return;
  }
  // Else what came before was no character after all, and this byte stands for itself.
  partial_character_ = 0;
  single_c2_ = false;
  if (byte < 0x20) {
    Control(byte);
  } else if (byte >= 0x80) {
    const std::size_t size = CharacterSize(byte);
    partial_character_ = static_cast<std::uint8_t>(size > 1 ? size - 1 : 0);
    single_c2_ = byte == kC1Lead;
  }
}

void ModeTracker::Control(unsigned char byte) {
  switch (byte) {
    case kEscapeByte:
      state_ = State::kEscape;
      intermediate_count_ = 0;
      return;
    case kCancel:
    case kSubstitute: state_ = State::kGround; return;
    case kShiftOut: modes_.charsets.shifted = 1; return;
    case kShiftIn: modes_.charsets.shifted = 0; return;
    default: return;  // prints, moves the cursor or rings
  }
}

void ModeTracker::C1(unsigned char byte) {
  state_ = State::kGround;
  switch (byte) {
    case 0x9B: EnterCsi(); return;
    case 0x9D:
      state_ = State::kOsc;
      osc_.clear();
      return;
    case 0x90:
    case 0x98:
    case 0x9E:
    case 0x9F: state_ = State::kString; return;
    default: return;
  }
}

void ModeTracker::Escape(unsigned char byte) {
  if (byte < 0x20) {
    Control(byte);
    return;
  }
  if (byte < 0x30) {
    state_ = State::kEscapeIntermediate;
    if (intermediate_count_ < intermediates_.size()) {
      intermediates_.at(intermediate_count_) = static_cast<char>(byte);
    }
    // Three or more are counted as three: a sequence that nothing here knows.
    intermediate_count_ = static_cast<std::uint8_t>(std::min(intermediate_count_ + 1, 3));
    return;
  }
  const bool introduces = state_ == State::kEscape;
  state_ = State::kGround;
  if (byte >= 0x80) {
    Ground(byte);
  } else if (introduces && byte == '[') {
    EnterCsi();
  } else if (introduces && byte == ']') {
    state_ = State::kOsc;
    osc_.clear();
  } else if (introduces && (byte == 'P' || byte == 'X' || byte == '^' || byte == '_')) {
    state_ = State::kString;
  } else if (byte != 0x7F) {
    DispatchEscape(byte);
  } else {
    state_ = introduces ? State::kEscape : State::kEscapeIntermediate;
  }
}

void ModeTracker::EnterCsi() {
  state_ = State::kCsi;
  private_ = 0;
  intermediate_count_ = 0;
  parameter_count_ = 0;
  parameters_[0] = 0;
  given_ = 0;
  sub_ = 0;
}

void ModeTracker::Csi(unsigned char byte) {
  if (byte < 0x20) {
    Control(byte);
    return;
  }
  if (byte >= 0x80) {
    state_ = State::kGround;
    Ground(byte);
    return;
  }
  if (byte >= 0x40 && byte != 0x7F) {
    const bool known = state_ == State::kCsi;
    state_ = State::kGround;
    if (known) {
      DispatchCsi(byte);
    }
    return;
  }
  if (byte == 0x7F || state_ == State::kCsiIgnore) {
    return;
  }
  if (byte < 0x30) {
    if (intermediate_count_ < intermediates_.size()) {
      intermediates_.at(intermediate_count_++) = static_cast<char>(byte);
    } else {
      state_ = State::kCsiIgnore;
    }
  } else if (byte <= '9' && intermediate_count_ == 0) {
    AddDigit(byte);
  } else if (byte <= ';' && intermediate_count_ == 0) {
    NextParameter(byte == ':');
  } else if (intermediate_count_ == 0 && parameter_count_ == 0 && private_ == 0) {
    private_ = static_cast<char>(byte);
  } else {
    state_ = State::kCsiIgnore;
  }
}

void ModeTracker::AddDigit(unsigned char byte) {
  constexpr unsigned kValueMax = 65'535;
  parameter_count_ = std::max<std::size_t>(parameter_count_, 1);
  if (parameter_count_ > kParameterCountMax) {
    return;
  }
  auto& value = parameters_.at(parameter_count_ - 1);
  const unsigned grown = (value * 10U) + (byte - static_cast<unsigned>('0'));
  value = static_cast<std::uint16_t>(std::min(grown, kValueMax));
  given_ |= 1U << (parameter_count_ - 1);
}

// Parameters beyond the last place are counted as one more and dropped, as in other terminals.
void ModeTracker::NextParameter(bool is_sub) {
  parameter_count_ =
      std::min(std::max<std::size_t>(parameter_count_, 1) + 1, kParameterCountMax + 1);
  if (parameter_count_ > kParameterCountMax) {
    return;
  }
  parameters_.at(parameter_count_ - 1) = 0;
  if (is_sub) {
    sub_ |= 1U << (parameter_count_ - 1);
  }
}

// OSC and the strings that are skipped: both end with ST, CAN or SUB, and OSC with BEL too.
void ModeTracker::Osc(unsigned char byte) {
  if (single_c2_) {
    single_c2_ = false;
    if (byte == 0x9C) {
      if (state_ == State::kOsc) {
        osc_.pop_back();
        DispatchOsc();
      }
      state_ = State::kGround;
      return;
    }
  }
  const bool is_osc = state_ == State::kOsc;
  if (byte == kEscapeByte || (is_osc && byte == kBell)) {
    if (is_osc) {
      DispatchOsc();
    }
    // The backslash that follows ESC is an escape sequence without a meaning.
    state_ = State::kGround;
    Control(byte);
  } else if (byte == kCancel || byte == kSubstitute) {
    state_ = State::kGround;
  } else {
    single_c2_ = byte == kC1Lead;
    if (is_osc && osc_.size() <= kOscSizeMax) {
      osc_ += static_cast<char>(byte);
    }
  }
}

}  // namespace paddock::agent::terminal
