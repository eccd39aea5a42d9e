#include "gateway/routes/body_rules.h"

#include <algorithm>

namespace paddock::gateway {
namespace {

constexpr std::size_t kEnvCountMax = 64;
constexpr std::size_t kEnvNameBytesMax = 256;
constexpr std::size_t kEnvValueBytesMax = 32'768;
constexpr std::size_t kArgumentCountMax = 1024;

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
                          {.bytes_max = kEnvValueBytesMax});
  const bool named_well =
      std::ranges::all_of(env, [](const auto& entry) { return IsVariableName(entry.first); });
  if (!named_well) {
    body.Reject("env", "must have names of letters, digits and _, not starting with a digit");
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
  return argv;
}

}  // namespace paddock::gateway
