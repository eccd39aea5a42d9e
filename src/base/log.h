// log: one line of JSON per event on standard error, for operators and machines alike.
//
// Used by every part but the agent, which has no log. Thread-safe: each line is one write(2), or
// with HoldInfo() part of one. Values are escaped, so that a hostile name cannot forge a line.
#pragma once

#include <initializer_list>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace paddock::log {

enum class Level { kDebug, kInfo, kWarn, kError };

/// One named value of an event: {"request_id", id}.
struct Field {
  std::string_view name;
  std::string_view value;
};

/// Lines below `level` are dropped. Default: kInfo. Set once, at start.
void SetLevel(Level level) noexcept;

/// On a terminal people read along, so `human` prints "12:00:01 warn message name=value" instead.
void SetHuman(bool human) noexcept;

/// From now on lines up to kInfo are gathered, because a call for each would be much of the work of
/// a busy server: whoever turns this on calls Flush a few times a second. A warning or an error
/// goes out at once and takes what was gathered along, in order; so do a full buffer, exit(3),
/// abort(3) and a crash. Only SIGKILL loses what was gathered since the last Flush.
void HoldInfo();
/// Writes what was gathered. Cheap when there is nothing.
void Flush() noexcept;

void Write(Level level, std::string_view message, std::initializer_list<Field> fields = {});

template <class... Args>
void Info(fmt::format_string<Args...> format, Args&&... args) {
  Write(Level::kInfo, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void Warn(fmt::format_string<Args...> format, Args&&... args) {
  Write(Level::kWarn, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void Error(fmt::format_string<Args...> format, Args&&... args) {
  Write(Level::kError, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace paddock::log
