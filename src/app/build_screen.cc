#include "app/build_screen.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <utility>

#include <fmt/format.h>

namespace paddock::app {
namespace {

constexpr int kBarWidth = 20;
constexpr std::size_t kColumnsDefault = 80;

std::size_t Columns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col
                                                                         : kColumnsDefault;
}

std::string Bar(int percent) {
  const auto filled = static_cast<std::size_t>(percent * kBarWidth / 100);
  return std::string(filled, '=') + std::string(kBarWidth - filled, ' ');
}

// Cut between characters; build output is ASCII but for a stray name.
std::string_view Cut(std::string_view text, std::size_t length) {
  if (text.size() <= length) {
    return text;
  }
  while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U) {
    --length;
  }
  return text.substr(0, length);
}

}  // namespace

BuildScreen::BuildScreen(std::string name)
    : name_(std::move(name)), is_terminal_(isatty(STDERR_FILENO) == 1) {}

void BuildScreen::Show(const images::Progress& progress) {
  if (is_terminal_) {
    Draw(progress);
  } else if (progress.stage != stage_shown_) {
    stage_shown_ = progress.stage;
    fmt::print(stderr, "image {}: {:3}% {}\n", name_, progress.percent,
               images::Name(progress.stage));
  }
}

void BuildScreen::Draw(const images::Progress& progress) {
  const auto text = fmt::format("image {} [{}] {:3}% {:3} s  {}  {}", name_, Bar(progress.percent),
                                progress.percent, Elapsed().count() / 1000,
                                images::Name(progress.stage), progress.line);
  fmt::print(stderr, "\r\x1b[K{}", Cut(text, Columns() - 1));
  std::fflush(stderr);
  has_drawn_ = true;
}

void BuildScreen::Finish() {
  if (std::exchange(has_drawn_, false)) {
    fmt::print(stderr, "\r\x1b[K");
  }
}

std::chrono::milliseconds BuildScreen::Elapsed() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               started_);
}

}  // namespace paddock::app
