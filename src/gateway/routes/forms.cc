#include "gateway/routes/forms.h"

#include <algorithm>
#include <cstdint>

#include <fmt/chrono.h>

#include "base/encoding.h"
#include "base/utf8.h"

namespace paddock::gateway {
namespace {

constexpr std::size_t kEscapedShareMax = 8;  // one character in eight: more are bytes, not text
constexpr std::size_t kEscapedFree = 1024;   // so that what is short stays legible
constexpr std::size_t kLongEscapeMore = 5;   // \u001b for one byte

template <class Duration>
double Milliseconds(Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

SystemTime ExpiryOf(const sandbox::Info& info) {
  return info.created_at + info.limits.lifetime_max;
}

/// Output is cut at a number of bytes, which may fall inside a character: that is still text.
std::string_view WithoutCutCharacter(std::string_view bytes) {
  constexpr std::size_t kCharacterMax = 4;
  for (std::size_t back = 1; back < kCharacterMax && back <= bytes.size(); ++back) {
    const auto byte = static_cast<unsigned char>(bytes[bytes.size() - back]);
    if ((byte & 0xC0U) == 0xC0U) {  // a first byte: is its character whole?
      const auto tail = bytes.substr(bytes.size() - back);
      return Utf8CharacterLength(tail) == 0 ? bytes.substr(0, bytes.size() - back) : bytes;
    }
    if ((byte & 0x80U) == 0) {
      return bytes;
    }
  }
  return bytes;
}

void WriteOutput(JsonWriter& out,
                 JsonName name,
                 JsonName encoding_name,
                 std::string_view bytes,
                 bool truncated) {
  const auto text = truncated ? WithoutCutCharacter(bytes) : bytes;
  // 8 MiB of NULs are valid UTF-8, and would be 48 MiB of escapes.
  const std::size_t escapes = LongEscapeCount(text);
  if (escapes <= text.size() / kEscapedShareMax + kEscapedFree && IsValidUtf8(text)) {
    out.Reserve(text.size() + escapes * kLongEscapeMore)
        .Field(name, text)
        .Field(encoding_name, "utf-8");
  } else {
    out.Field(name, std::string_view(Base64Encode(bytes))).Field(encoding_name, "base64");
  }
}

template <class Number>
void WriteOptional(JsonWriter& out, JsonName name, const std::optional<Number>& value) {
  out.Key(name);
  if (value) {
    out.Integer(*value);
  } else {
    out.Null();
  }
}

std::string_view Name(sandbox::FileKind kind) noexcept {
  switch (kind) {
    case sandbox::FileKind::kFile: return "file";
    case sandbox::FileKind::kDirectory: return "directory";
    case sandbox::FileKind::kSymlink: return "symlink";
    case sandbox::FileKind::kOther: return "other";
  }
  return "other";
}

std::string_view Name(sandbox::EventType type) noexcept {
  switch (type) {
    case sandbox::EventType::kCreated: return "created";
    case sandbox::EventType::kState: return "state";
    case sandbox::EventType::kDestroyed: return "destroyed";
  }
  return "state";
}

}  // namespace

// By hand: formatting by a pattern costs more than all the rest of a sandbox's JSON.
TimeText::TimeText(SystemTime time) noexcept : text_() {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  std::ranges::copy(std::string_view("0000-00-00T00:00:00Z"), text_.begin());
  const auto put = [this](std::size_t end, std::int64_t number) {
    for (; number > 0 && end > 0; number /= 10) {
      text_[--end] = static_cast<char>('0' + number % 10);
    }
  };
  put(4, static_cast<int>(date.year()));
  put(7, static_cast<unsigned>(date.month()));
  put(10, static_cast<unsigned>(date.day()));
  put(13, clock.hours().count());
  put(16, clock.minutes().count());
  put(19, clock.seconds().count());
}

std::string FormatTime(SystemTime time) { return std::string(TimeText(time).text()); }

std::string FormatHttpDate(SystemTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return fmt::format("{:%a, %d %b %Y %H:%M:%S GMT}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)));
}

void WriteLimits(JsonWriter& out, const sandbox::Limits& limits) {
  out.BeginObject()
      .Field("memory_bytes", limits.memory.count)
      .Field("cpu_millis", limits.cpu.count)
      .Field("pids_max", limits.process_count_max)
      .Field("disk_bytes", limits.disk.count)
      .Field("inodes_max", limits.inode_count_max)
      .Field("lifetime_s", limits.lifetime_max.count())
      .EndObject();
}

void WriteTextMap(JsonWriter& out, const std::map<std::string, std::string>& texts) {
  out.BeginObject();
  for (const auto& [name, value] : texts) {
    out.DataKey(name).Text(value);
  }
  out.EndObject();
}

void WriteCapabilities(JsonWriter& out, const sandbox::Capabilities& capabilities) {
  out.Key("capabilities")
      .BeginObject()
      .Field("pause", capabilities.pause)
      .Field("stop_and_start", capabilities.stop_and_start)
      .Field("snapshot", capabilities.snapshot)
      .Field("exec_cgroups", capabilities.exec_cgroups)
      .EndObject();
  out.Key("missing").BeginArray();
  for (const std::string& sentence : capabilities.missing) {
    out.Text(sentence);
  }
  out.EndArray();
}

void WriteSandbox(JsonWriter& out, const sandbox::Info& info) {
  out.BeginObject()
      .Field("id", std::string_view(info.id.value()))
      .Field("state", sandbox::Name(info.state))
      .Field("image", std::string_view(info.image));
  WriteLimits(out.Key("limits"), info.limits);
  WriteTextMap(out.Key("env"), info.env);
  out.Field("network", "none")
      .Field("created_at", TimeText(info.created_at).text())
      .Field("expires_at", TimeText(ExpiryOf(info)).text())
      .Key("failure");
  if (info.state == sandbox::State::kFailed) {
    out.Text(info.failure);
  } else {
    out.Null();
  }
  out.EndObject();
}

void WriteEvent(JsonWriter& out, const sandbox::Event& event) {
  out.BeginObject()
      .Field("type", Name(event.type))
      .Field("at", TimeText(event.at).text())
      .Key("sandbox");
  WriteSandbox(out, event.info);
  out.EndObject();
}

void WriteStats(JsonWriter& out,
                const sandbox::Info& info,
                const sandbox::Usage& usage,
                SystemTime measured_at) {
  out.BeginObject()
      .Field("memory_bytes", usage.memory.count)
      .Field("memory_peak_bytes", usage.memory_peak.count)
      .Field("memory_limit_bytes", info.limits.memory.count)
      .Field("cpu_ms", Milliseconds(usage.cpu_time))
      .Field("cpu_limit_millis", info.limits.cpu.count)
      .Field("processes", usage.process_count)
      .Field("pids_max", info.limits.process_count_max)
      .Field("disk_bytes", usage.disk.count)
      .Field("disk_limit_bytes", info.limits.disk.count)
      .Field("inodes", usage.inode_count)
      .Field("inodes_max", info.limits.inode_count_max)
      .Field("expires_at", TimeText(ExpiryOf(info)).text())
      .Field("measured_at", TimeText(measured_at).text())
      .EndObject();
}

void WriteFile(JsonWriter& out, const sandbox::FileInfo& file) {
  out.BeginObject().Field("name", std::string_view(file.name));
  if (!IsValidUtf8(file.name)) {
    out.Field("name_base64", std::string_view(Base64UrlEncode(file.name)));
  }
  out.Field("kind", Name(file.kind))
      .Field("size_bytes", file.size.count)
      .Field("mode", std::string_view(fmt::format("{:04o}", file.mode & 07777U)))
      .Field("uid", file.uid)
      .Field("gid", file.gid)
      .Field("modified_at", TimeText(file.modified_at).text());
  if (file.kind == sandbox::FileKind::kSymlink) {
    out.Field("link_target", std::string_view(file.link_target));
  }
  out.EndObject();
}

void WriteTerminal(JsonWriter& out,
                   const SandboxId& sandbox,
                   const sandbox::TerminalInfo& terminal) {
  out.BeginObject()
      .Field("id", std::string_view(terminal.id.value()))
      .Field("sandbox_id", std::string_view(sandbox.value()))
      .Key("argv")
      .BeginArray();
  for (const std::string& argument : terminal.argv) {
    out.Text(argument);
  }
  out.EndArray()
      .Field("title", std::string_view(terminal.title))
      .Field("cols", terminal.column_count)
      .Field("rows", terminal.row_count)
      .Field("exited", terminal.exited)
      .Field("viewers", terminal.viewer_count)
      .Field("created_at", TimeText(terminal.created_at).text())
      .Field("active_at", TimeText(terminal.active_at).text())
      .EndObject();
}

void WriteExecResult(JsonWriter& out, const sandbox::ExecResult& result) {
  out.BeginObject();
  WriteOptional(out, "exit_code", result.exit_code);
  WriteOptional(out, "signal", result.signal);
  WriteOutput(out, "stdout", "stdout_encoding", result.stdout_data, result.stdout_truncated);
  WriteOutput(out, "stderr", "stderr_encoding", result.stderr_data, result.stderr_truncated);
  out.Field("stdout_truncated", result.stdout_truncated)
      .Field("stderr_truncated", result.stderr_truncated)
      .Field("timed_out", result.timed_out)
      .Field("wall_ms", Milliseconds(result.wall_time))
      .Field("cpu_ms", Milliseconds(result.cpu_time))
      .Field("memory_peak_bytes", result.memory_peak.count)
      .EndObject();
}

}  // namespace paddock::gateway
