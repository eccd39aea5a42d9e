#include "agent/flags.h"

#include <string_view>

#include "agent/file_text.h"

namespace paddock::agent {

Result<Flags> ParseFlags(std::span<char* const> arguments) {
  Flags flags;
  for (std::string_view argument : arguments) {
    const std::string shown(argument);
    const auto name = TakeUntil(argument, '=');
    if (name == "connect" && argument.empty()) {
      flags.connect = true;
    } else if (name == "--listen-fd") {
      const auto number = ParseNumber(argument);
      if (!number || *number < 3 || *number > 1023) {
        return Fail(Code::kInvalid, "--listen-fd: expected a descriptor from 3 on");
      }
      flags.listen_fd = static_cast<int>(*number);
    } else if (name == "--listen-path") {
      flags.listen_path = argument;
    } else if (name == "--cgroup-fds") {
      flags.cgroup_fds = argument;
    } else if (name == "--boot") {
      flags.boot_path = argument;
    } else {
      return Fail(Code::kInvalid, "unknown argument " + shown);
    }
  }
  if (flags.listen_fd.has_value() == !flags.listen_path.empty() ||
      (flags.connect && flags.listen_path.empty())) {
    return Fail(Code::kInvalid, "give one of --listen-fd=N and --listen-path=PATH");
  }
  return flags;
}

}  // namespace paddock::agent
