#include "gateway/routes/body_rules.h"

#include <algorithm>

#include <fmt/format.h>

namespace paddock::gateway {
namespace {

constexpr std::size_t kEnvCountMax = 64;
constexpr std::size_t kEnvNameBytesMax = 256;
// Of all names and values. Small, because the environments of all sandboxes travel together when
// the node lists them, and because one message to an agent holds this, argv and cwd.
constexpr std::size_t kEnvBytesMax = 16'384;
constexpr std::size_t kArgumentCountMax = 1024;
constexpr std::size_t kArgumentOverhead = 2;  // its length, in the message to the agent

constexpr std::string_view kNameStart = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
constexpr std::string_view kNameRest =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";

bool IsVariableName(std::string_view name) {
  return !name.empty() && kNameStart.contains(name.front()) &&
         name.find_first_not_of(kNameRest) == std::string_view::npos;
}

}  // namespace

std::map<std::string, std::string> ReadEnv(JsonObject& body) {
  auto env = body.TextMap("env", kEnvCountMax, {.bytes_min = 1, .bytes_max = kEnvNameBytesMax},
                          {.bytes_max = kEnvBytesMax});
  const bool named_well =
      std::ranges::all_of(env, [](const auto& entry) { return IsVariableName(entry.first); });
  if (!named_well) {
    body.Reject("env", "must have names of letters, digits and _, not starting with a digit");
  }
  std::size_t bytes = 0;
  for (const auto& [name, value] : env) {
    bytes += name.size() + value.size();
  }
  if (bytes > kEnvBytesMax) {
    body.Reject("env", fmt::format("has more than {} bytes of names and values", kEnvBytesMax));
  }
  return env;
}

std::string ReadCwd(JsonObject& body) {
  auto cwd = body.OptionalText("cwd", {.bytes_min = 1, .bytes_max = kPathBytesMax});
  if (cwd && !cwd->starts_with('/')) {
    body.Reject("cwd", "must be an absolute path");
  }
  return std::move(cwd).value_or(std::string());
}

std::optional<std::vector<std::string>> ReadArgv(JsonObject& body) {
  auto argv =
      body.OptionalTexts("argv", 1, kArgumentCountMax, TextRule{.bytes_max = kArgumentBytesMax});
  if (argv && !argv->empty() && argv->front().empty()) {
    body.Reject("argv", "must begin with the name of a program");
  }
  std::size_t bytes = 0;
  for (const std::string& argument : argv.value_or(std::vector<std::string>())) {
    bytes += argument.size() + kArgumentOverhead;
  }
  if (bytes > kArgumentBytesMax) {
    body.Reject("argv", fmt::format("has more than {} bytes in all, counting {} for each argument",
                                    kArgumentBytesMax, kArgumentOverhead));
  }
  return argv;
}

}  // namespace paddock::gateway
