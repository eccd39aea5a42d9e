#include "agent/terminal/modes.h"

#include <initializer_list>
#include <string>
#include <string_view>

namespace paddock::agent::terminal {
namespace {

constexpr std::string_view kPlainPen = "\x1b[m\x0f\x1b(B\x1b)B\x1b*B\x1b+B";

// By hand, because the agent is static and small: {fmt} would be larger than all the rest.
void AppendNumber(std::string& out, std::string_view before, int number, std::string_view after) {
  out += before;
  out += std::to_string(number);
  out += after;
}

void AppendParameters(std::string& out, std::initializer_list<int> parameters) {
  for (const int parameter : parameters) {
    AppendNumber(out, ";", parameter, "");
  }
}

/// `introducer` is 38, 48 or 58.
void AppendColor(std::string& out, const Color& color, int introducer) {
  switch (color.kind) {
    case Color::Kind::kDefault: return;
    case Color::Kind::kBasic:
      AppendParameters(out, {introducer - 8 + (color.red < 8 ? color.red : color.red - 8 + 60)});
      return;
    case Color::Kind::kIndexed: AppendParameters(out, {introducer, 5, color.red}); return;
    case Color::Kind::kRgb:
      AppendParameters(out, {introducer, 2, color.red, color.green, color.blue});
      return;
  }
}

void AppendRendition(std::string& out, const Rendition& rendition) {
  if (rendition == Rendition()) {
    return;
  }
  const auto attribute = [&out](bool on, std::string_view parameter) {
    if (on) {
      out += parameter;
    }
  };
  out += "\x1b[0";
  attribute(rendition.bold, ";1");
  attribute(rendition.faint, ";2");
  attribute(rendition.italic, ";3");
  attribute(rendition.underline == 1, ";4");
  attribute(rendition.blink, ";5");
  attribute(rendition.inverse, ";7");
  attribute(rendition.invisible, ";8");
  attribute(rendition.strike, ";9");
  attribute(rendition.overline, ";53");
  AppendColor(out, rendition.foreground, 38);
  AppendColor(out, rendition.background, 48);
  AppendColor(out, rendition.underline_color, 58);
  out += 'm';
  // On its own, because a terminal that does not know styles drops the sequence it stands in.
  if (rendition.underline > 1) {
    AppendNumber(out, "\x1b[4:", rendition.underline, "m");
  }
}

void AppendCharsets(std::string& out, const Charsets& charsets) {
  const Charsets normal;
  for (std::size_t set = 0; set < charsets.designated.size(); ++set) {
    if (charsets.designated[set] != normal.designated[set] ||
        charsets.introducer[set] != normal.introducer[set]) {
      out += '\x1b';
      out += charsets.introducer[set];
      out += charsets.designated[set];
    }
  }
  constexpr std::array<std::string_view, 4> kShifts{"", "\x0e", "\x1bn", "\x1bo"};
  out += kShifts.at(charsets.shifted);
}

void AppendMargins(std::string& out, const Margins& margins) {
  if (margins == Margins()) {
    return;
  }
  AppendNumber(out, "\x1b[", margins.top, "");
  if (margins.bottom != 0) {
    AppendNumber(out, ";", margins.bottom, "");
  }
  out += 'r';
}

void AppendSaved(std::string& out, const SavedCursor& saved) {
  if (!saved.exists) {
    return;
  }
  AppendCharsets(out, saved.charsets);
  AppendRendition(out, saved.rendition);
  out += saved.origin ? "\x1b[?6h\x1b\x37\x1b[?6l" : "\x1b\x37";
  out += kPlainPen;
}

void AppendMode(std::string& out, bool on, bool normal, std::string_view number) {
  if (on != normal) {
    out += "\x1b[";
    out += number;
    out += on ? 'h' : 'l';
  }
}

}  // namespace

std::string Modes::Restore() const {
  std::string out;
  if (!title.empty()) {
    out += "\x1b]2;" + title + "\x1b\\";
  }
  AppendMargins(out, margins[0]);
  AppendSaved(out, saved[0]);
  if (alternate_screen) {
    // 1049 saves the cursor as it enters: what was saved on the main screen has to be current then.
    AppendCharsets(out, saved[0].charsets);
    AppendRendition(out, saved[0].rendition);
    AppendMode(out, saved[0].origin, false, "?6");
    out += saved[0].exists ? "\x1b[?1049h\x1b[?6l" : "\x1b[?1047h\x1b[?6l";
    out += kPlainPen;
    out += "\x1b[r";
    AppendMargins(out, margins[1]);
    AppendSaved(out, saved[1]);
  }
  AppendMode(out, cursor_keys, false, "?1");
  AppendMode(out, reverse_video, false, "?5");
  AppendMode(out, autowrap, true, "?7");
  AppendMode(out, cursor_visible, true, "?25");
  AppendMode(out, reverse_wrap, false, "?45");
  AppendMode(out, insert, false, "4");
  AppendMode(out, newline, false, "20");
  AppendMode(out, focus_reports, false, "?1004");
  AppendMode(out, alternate_scroll, false, "?1007");
  AppendMode(out, bracketed_paste, false, "?2004");
  out += keypad ? "\x1b=" : "";
  if (mouse_reports != 0) {
    AppendNumber(out, "\x1b[?", mouse_reports, "h");
  }
  if (mouse_encoding != 0) {
    AppendNumber(out, "\x1b[?", mouse_encoding, "h");
  }
  if (cursor_shape != 0) {
    AppendNumber(out, "\x1b[", cursor_shape, " q");
  }
  if (cursor_blink.has_value()) {
    out += *cursor_blink ? "\x1b[?12h" : "\x1b[?12l";
  }
  if (modify_other_keys != 0) {
    AppendNumber(out, "\x1b[>4;", modify_other_keys, "m");
  }
  AppendCharsets(out, charsets);
  AppendRendition(out, rendition);
  AppendMode(out, origin, false, "?6");
  return out;
}

}  // namespace paddock::agent::terminal
