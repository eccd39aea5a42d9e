#include "agent/terminal/testing/reference_terminal.h"

#include <fmt/format.h>

namespace paddock::agent::terminal::testing {
namespace {

std::string Show(const VTermColor& color) {
  if (VTERM_COLOR_IS_DEFAULT_FG(&color) || VTERM_COLOR_IS_DEFAULT_BG(&color)) {
    return "d";
  }
  if (VTERM_COLOR_IS_INDEXED(&color)) {
    return fmt::format("i{}", color.indexed.idx);
  }
  return fmt::format("{},{},{}", color.rgb.red, color.rgb.green, color.rgb.blue);
}

std::string Show(const VTermScreenCell& cell) {
  std::string out;
  for (const std::uint32_t character : cell.chars) {
    if (character == 0) {
      break;
    }
    out += character >= 0x20 && character < 0x7F ? std::string(1, static_cast<char>(character))
                                                 : fmt::format("U+{:X}", character);
  }
  const auto& look = cell.attrs;
  const bool is_plain = look.bold == 0 && look.underline == 0 && look.italic == 0 &&
                        look.blink == 0 && look.reverse == 0 && look.strike == 0 &&
                        Show(cell.fg) == "d" && Show(cell.bg) == "d";
  if (!is_plain) {
    out += fmt::format("<{}{}{}{}{}{} {} {}>", unsigned{look.bold}, unsigned{look.underline},
                       unsigned{look.italic}, unsigned{look.blink}, unsigned{look.reverse},
                       unsigned{look.strike}, Show(cell.fg), Show(cell.bg));
  }
  return out.empty() ? "_" : out;
}

}  // namespace

const VTermScreenCallbacks ReferenceTerminal::kCallbacks{
    .damage = nullptr,
    .moverect = nullptr,
    .movecursor = nullptr,
    .settermprop = &ReferenceTerminal::OnProperty,
    .bell = nullptr,
    .resize = nullptr,
    .sb_pushline = nullptr,
    .sb_popline = nullptr,
};

ReferenceTerminal::ReferenceTerminal(int column_count, int row_count)
    : column_count_(column_count),
      row_count_(row_count),
      terminal_(vterm_new(row_count, column_count)),
      screen_(vterm_obtain_screen(terminal_.get())) {
  vterm_set_utf8(terminal_.get(), 1);
  vterm_screen_set_callbacks(screen_, &kCallbacks, this);
  vterm_screen_enable_altscreen(screen_, 1);
  vterm_screen_reset(screen_, 1);
}

void ReferenceTerminal::Write(std::string_view bytes) {
  vterm_input_write(terminal_.get(), bytes.data(), bytes.size());
  (void)Answer();
}

std::string ReferenceTerminal::Screen() const {
  std::string out;
  for (int row = 0; row < row_count_; ++row) {
    for (int column = 0; column < column_count_; ++column) {
      VTermScreenCell cell;
      vterm_screen_get_cell(screen_, {.row = row, .col = column}, &cell);
      out += Show(cell);
    }
    out += '\n';
  }
  VTermPos cursor;
  vterm_state_get_cursorpos(vterm_obtain_state(terminal_.get()), &cursor);
  return out + fmt::format("cursor {} {}\n", cursor.row, cursor.col);
}

std::string ReferenceTerminal::ProbeModes() {
  std::string out = title_ + "\n";
  for (const int value : properties_) {
    out += fmt::format("{} ", value);
  }
  vterm_keyboard_key(terminal_.get(), VTERM_KEY_UP, VTERM_MOD_NONE);
  vterm_keyboard_key(terminal_.get(), VTERM_KEY_KP_1, VTERM_MOD_NONE);
  vterm_keyboard_start_paste(terminal_.get());
  vterm_keyboard_key(terminal_.get(), VTERM_KEY_ENTER, VTERM_MOD_NONE);
  vterm_mouse_move(terminal_.get(), 3, 4, VTERM_MOD_NONE);
  vterm_mouse_button(terminal_.get(), 1, true, VTERM_MOD_NONE);
  vterm_mouse_move(terminal_.get(), 5, 6, VTERM_MOD_NONE);
  vterm_mouse_button(terminal_.get(), 1, false, VTERM_MOD_NONE);
  vterm_state_focus_in(vterm_obtain_state(terminal_.get()));
  out += Answer() + "\n";
  // The pen, the character set and what inserts; then wrapping; then margins and origin.
  Write("\x1b[2J\x1b[1;1Hqlx\x1b[1;1HZ\x1b[3;79Habc\x1b[2;1H\x0eq\x0f");
  for (int row = 1; row <= row_count_; ++row) {
    Write(fmt::format("\x1b[{};1H{}", row, row));
  }
  Write("\n\n\x1b[1;1H\x1bM");
  return out + Screen();
}

int ReferenceTerminal::OnProperty(VTermProp property, VTermValue* value, void* self) {
  auto* const terminal = static_cast<ReferenceTerminal*>(self);
  if (property == VTERM_PROP_TITLE) {
    terminal->title_ = value->string;
  } else if (vterm_get_prop_type(property) == VTERM_VALUETYPE_BOOL) {
    terminal->properties_[property] = value->boolean;
  } else if (vterm_get_prop_type(property) == VTERM_VALUETYPE_INT) {
    terminal->properties_[property] = value->number;
  }
  return 1;
}

std::string ReferenceTerminal::Answer() {
  char buffer[4096];
  return {buffer, vterm_output_read(terminal_.get(), buffer, sizeof(buffer))};
}

}  // namespace paddock::agent::terminal::testing
