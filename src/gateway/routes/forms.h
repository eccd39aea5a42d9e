// The forms of the API: the product's values as api/openapi.yaml describes them.
//
// Used by the routes and by their tests. Pure; any thread.
#pragma once

#include <array>
#include <chrono>
#include <map>
#include <string>
#include <string_view>

#include "base/json_writer.h"
#include "sandbox/agent_client.h"
#include "sandbox/driver.h"
#include "sandbox/event_feed.h"

namespace paddock::gateway {

using SystemTime = std::chrono::system_clock::time_point;

/// "2026-11-20T23:00:00Z"; rounded down to a second.
class TimeText {
 public:
  explicit TimeText(SystemTime time) noexcept;
  [[nodiscard]] std::string_view text() const noexcept { return {text_.data(), text_.size()}; }

 private:
  std::array<char, 20> text_;
};
[[nodiscard]] std::string FormatTime(SystemTime time);
/// "Fri, 20 Nov 2026 23:00:00 GMT", for headers.
[[nodiscard]] std::string FormatHttpDate(SystemTime time);

void WriteLimits(JsonWriter& out, const sandbox::Limits& limits);
void WriteTextMap(JsonWriter& out, const std::map<std::string, std::string>& texts);
/// "capabilities" and "missing".
void WriteCapabilities(JsonWriter& out, const sandbox::Capabilities& capabilities);
void WriteSandbox(JsonWriter& out, const sandbox::Info& info);
void WriteEvent(JsonWriter& out, const sandbox::Event& event);
void WriteStats(JsonWriter& out,
                const sandbox::Info& info,
                const sandbox::Usage& usage,
                SystemTime measured_at);
void WriteFile(JsonWriter& out, const sandbox::FileInfo& file);
void WriteTerminal(JsonWriter& out,
                   const SandboxId& sandbox,
                   const sandbox::TerminalInfo& terminal);
void WriteExecResult(JsonWriter& out, const sandbox::ExecResult& result);

}  // namespace paddock::gateway
