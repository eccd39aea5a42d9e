#include "base/log.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <ctime>
#include <initializer_list>
#include <iterator>
#include <string>
#include <string_view>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace paddock::log {
namespace {

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

std::string JsonLine(Level level, std::string_view message, std::initializer_list<Field> fields) {
  const auto now = std::chrono::system_clock::now();
  const auto since_epoch = now.time_since_epoch();
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count();
  auto line = fmt::format(R"({{"time":"{}.{:03}Z","level":"{}","message":)", SecondText(now),
                          millis % 1000, LevelName(level));
  AppendQuoted(line, message);
  for (const Field& field : fields) {
    line.push_back(',');
    AppendQuoted(line, field.name);
    line.push_back(':');
    AppendQuoted(line, field.value);
  }
  line += "}\n";
  return line;
}

std::string HumanLine(Level level, std::string_view message, std::initializer_list<Field> fields) {
  auto line =
      fmt::format("{:%H:%M:%S} {:5} ", UtcOf(std::chrono::system_clock::now()), LevelName(level));
  AppendEscaped(line, message);
  for (const Field& field : fields) {
    line.push_back(' ');
    AppendEscaped(line, field.name);
    line.push_back('=');
    AppendEscaped(line, field.value);
  }
  line.push_back('\n');
  return line;
}

}  // namespace

void SetLevel(Level level) noexcept { level_min = level; }
void SetHuman(bool human) noexcept { human_lines = human; }

void Write(Level level, std::string_view message, std::initializer_list<Field> fields) {
  if (level < level_min) {
    return;
  }
  const std::string line =
      human_lines ? HumanLine(level, message, fields) : JsonLine(level, message, fields);
  // A log that cannot be written must not stop the service; there is nowhere to report it either.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace paddock::log
