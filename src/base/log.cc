#include "base/log.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <initializer_list>
#include <iterator>
#include <mutex>
#include <string>
#include <string_view>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace paddock::log {
namespace {

constexpr std::size_t kHeldBytesMax = std::size_t{32} << 10U;

std::atomic<Level> level_min{Level::kInfo};
std::atomic<bool> human_lines{false};

std::string_view LevelName(Level level) noexcept {
  switch (level) {
    case Level::kDebug: return "debug";
    case Level::kInfo: return "info";
    case Level::kWarn: return "warn";
    case Level::kError: return "error";
  }
  return "unknown";  // unreachable for valid values
}

// Everything outside printable ASCII is escaped, so that neither a new line nor a terminal's escape
// sequence in a value reaches whoever reads the log. Bytes above 0x7f are kept: they are UTF-8 or
// harmless to a JSON reader that replaces them.
bool IsPlain(char character) noexcept {
  const auto byte = static_cast<unsigned char>(character);
  return byte >= 0x20 && byte != 0x7f && character != '"' && character != '\\';
}

void AppendEscaped(std::string& line, std::string_view text) {
  for (;;) {
    // Nearly all text needs no care, so it goes in whole runs.
    const auto run =
        static_cast<std::size_t>(std::ranges::find_if_not(text, IsPlain) - text.begin());
    line += text.substr(0, run);
    if (run == text.size()) {
      return;
    }
    const char character = text[run];
    if (character == '"' || character == '\\') {
      line.push_back('\\');
      line.push_back(character);
    } else {
      fmt::format_to(std::back_inserter(line), "\\u{:04x}", static_cast<unsigned char>(character));
    }
    text.remove_prefix(run + 1);
  }
}

void AppendQuoted(std::string& line, std::string_view text) {
  line.push_back('"');
  AppendEscaped(line, text);
  line.push_back('"');
}

std::tm UtcOf(std::chrono::system_clock::time_point now) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  return fmt::gmtime(seconds);
}

/// To the second, as text; made once a second on each thread, because a busy server logs thousands.
std::string_view SecondText(std::chrono::system_clock::time_point now) {
  thread_local std::time_t second = -1;
  thread_local std::string text;
  const auto wanted = std::chrono::system_clock::to_time_t(now);
  if (wanted != second) {
    second = wanted;
    text = fmt::format("{:%Y-%m-%dT%H:%M:%S}", UtcOf(now));
  }
  return text;
}

void AppendJsonLine(std::string& line,
                    Level level,
                    std::string_view message,
                    std::initializer_list<Field> fields) {
  const auto now = std::chrono::system_clock::now();
  const auto since_epoch = now.time_since_epoch();
  const auto millis =
      std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count() % 1000;
  line += R"({"time":")";
  line += SecondText(now);
  line += {'.', static_cast<char>('0' + millis / 100), static_cast<char>('0' + millis / 10 % 10),
           static_cast<char>('0' + millis % 10)};
  line += R"(Z","level":")";
  line += LevelName(level);
  line += R"(","message":)";
  AppendQuoted(line, message);
  for (const Field& field : fields) {
    line.push_back(',');
    AppendQuoted(line, field.name);
    line.push_back(':');
    AppendQuoted(line, field.value);
  }
  line += "}\n";
}

void AppendHumanLine(std::string& line,
                     Level level,
                     std::string_view message,
                     std::initializer_list<Field> fields) {
  fmt::format_to(std::back_inserter(line), "{:%H:%M:%S} {:5} ",
                 UtcOf(std::chrono::system_clock::now()), LevelName(level));
  AppendEscaped(line, message);
  for (const Field& field : fields) {
    line.push_back(' ');
    AppendEscaped(line, field.name);
    line.push_back('=');
    AppendEscaped(line, field.value);
  }
  line.push_back('\n');
}

void WriteOut(const char* bytes, std::size_t count) noexcept {
  // A log that cannot be written must not stop the service; there is nowhere to report it either.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, bytes, count);
}

/// The gathered lines. Plain memory and an atomic size, so that a signal handler may read it.
struct Held {
  std::array<char, kHeldBytesMax> bytes;
  std::atomic<std::size_t> size{0};
};
constinit Held held{};
constinit std::mutex held_mutex;
std::atomic<bool> is_holding{false};

void FlushLocked() noexcept {
  const std::size_t size = held.size.exchange(0);
  if (size > 0) {
    WriteOut(held.bytes.data(), size);
  }
}

void Hold(std::string_view line) {
  const std::scoped_lock lock(held_mutex);
  if (held.size + line.size() > held.bytes.size()) {
    FlushLocked();
  }
  if (line.size() > held.bytes.size()) {
    WriteOut(line.data(), line.size());
    return;
  }
  std::memcpy(held.bytes.data() + held.size, line.data(), line.size());
  held.size += line.size();
}

constexpr std::array kFatalSignals{SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE};
std::array<struct sigaction, kFatalSignals.size()> actions_before;

/// Only what a signal handler may do: no lock, for its holder may be what crashed.
void OnFatalSignal(int number) {
  FlushLocked();
  for (std::size_t i = 0; i < kFatalSignals.size(); ++i) {
    if (kFatalSignals[i] == number) {
      sigaction(number, &actions_before[i], nullptr);
    }
  }
  raise(number);  // blocked until this returns; then it ends the process as it would have
}

}  // namespace

void SetLevel(Level level) noexcept { level_min = level; }
void SetHuman(bool human) noexcept { human_lines = human; }

void HoldInfo() {
  if (is_holding.exchange(true)) {
    return;
  }
  std::atexit(Flush);
  struct sigaction action{};
  action.sa_handler = OnFatalSignal;
  for (std::size_t i = 0; i < kFatalSignals.size(); ++i) {
    sigaction(kFatalSignals[i], &action, &actions_before[i]);
  }
}

void Flush() noexcept {
  if (held.size > 0) {
    const std::scoped_lock lock(held_mutex);
    FlushLocked();
  }
}

void Write(Level level, std::string_view message, std::initializer_list<Field> fields) {
  if (level < level_min) {
    return;
  }
  thread_local std::string line;  // kept for its capacity
  line.clear();
  if (human_lines) {
    AppendHumanLine(line, level, message, fields);
  } else {
    AppendJsonLine(line, level, message, fields);
  }
  if (is_holding && level <= Level::kInfo) {
    Hold(line);
  } else {
    Flush();
    WriteOut(line.data(), line.size());
  }
  if (line.capacity() > kHeldBytesMax) {
    line = {};
  }
}

}  // namespace paddock::log
