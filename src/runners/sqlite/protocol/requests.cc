#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "protocol/wire.h"
#include "runners/sqlite/protocol/layout.h"
#include "runners/sqlite/protocol/messages.h"

namespace paddock::runners::sqlite {
namespace {

using challenges::RunLimits;
using challenges::RunRequest;
using protocol::Put;
using protocol::WireReader;

// Space for the size, which FinishFrame fills in.
std::size_t BeginFrame(std::string& out) {
  const std::size_t at = out.size();
  Put(out, std::uint32_t{0});
  return at;
}

void FinishFrame(std::string& out, std::size_t at) {
  const auto size = static_cast<std::uint32_t>(out.size() - at - kFrameHeaderBytes);
  protocol::Store(out.data() + at, size);
}

std::uint32_t Narrow(std::size_t value) {
  return static_cast<std::uint32_t>(
      std::min<std::size_t>(value, std::numeric_limits<std::uint32_t>::max()));
}

void PutLimits(std::string& out, const RunLimits& limits) {
  Put(out, Narrow(static_cast<std::size_t>(limits.time.count())));
  Put(out, Narrow(limits.rows));
  Put(out, Narrow(limits.bytes));
  Put(out, Narrow(limits.cell_bytes));
  Put(out, Narrow(limits.results));
}

RunLimits ReadLimits(WireReader& reader) {
  RunLimits limits;
  limits.time = std::chrono::milliseconds(reader.U32());
  limits.rows = reader.U32();
  limits.bytes = reader.U32();
  limits.cell_bytes = reader.U32();
  limits.results = reader.U32();
  return limits;
}

Request ReadRun(WireReader& reader) {
  Request request;
  request.serial = reader.U32();
  request.shims = reader.U8();
  request.limits = ReadLimits(reader);
  request.digest = reader.Bytes(kDigestBytes);
  if (reader.U8() != 0) {
    request.script = LongText(reader, kScriptBytesMax);
  }
  request.query = LongText(reader, kQueryBytesMax);
  const std::size_t count = reader.U32();
  reader.Require(count <= kChecksMax);
  while (reader.ok() && request.checks.size() < count) {
    request.checks.push_back(LongText(reader, kQueryBytesMax));
  }
  return request;
}

}  // namespace

Result<void> CheckRequest(const RunRequest& request) {
  if (request.schema == nullptr || request.schema->digest.size() != kDigestBytes) {
    return Fail(Code::kInvalid, "the schema has no digest");
  }
  if (request.schema->script.size() > kScriptBytesMax) {
    return Fail(Code::kInvalid,
                fmt::format("the schema's script is longer than {} MiB", kScriptBytesMax >> 20U));
  }
  const auto too_long = [](const std::string& text) { return text.size() > kQueryBytesMax; };
  if (too_long(request.query) || std::ranges::any_of(request.checks, too_long)) {
    return Fail(Code::kInvalid,
                fmt::format("the query is longer than {} MiB", kQueryBytesMax >> 20U));
  }
  if (request.checks.size() > kChecksMax) {
    return Fail(Code::kInvalid, fmt::format("more than {} checks", kChecksMax));
  }
  if (request.limits.bytes > kResultBytesMax || request.limits.time.count() <= 0) {
    return Fail(Code::kInvalid, "the limits of the run are out of range");
  }
  return {};
}

void AppendRequest(std::string& out,
                   const RunRequest& request,
                   bool with_script,
                   std::uint32_t serial) {
  const std::size_t at = BeginFrame(out);
  Put(out, static_cast<std::uint8_t>(RequestKind::kRun));
  Put(out, serial);
  Put(out, request.shims);
  PutLimits(out, request.limits);
  out.append(request.schema->digest);
  Put(out, static_cast<std::uint8_t>(with_script));
  if (with_script) {
    PutLongText(out, request.schema->script);
  }
  PutLongText(out, request.query);
  Put(out, Narrow(request.checks.size()));
  for (const std::string& check : request.checks) {
    PutLongText(out, check);
  }
  FinishFrame(out, at);
}

void AppendStop(std::string& out, std::uint32_t serial) {
  const std::size_t at = BeginFrame(out);
  Put(out, static_cast<std::uint8_t>(RequestKind::kStop));
  Put(out, serial);
  FinishFrame(out, at);
}

std::optional<std::variant<Request, Stop>> DecodeRequest(std::string_view payload) {
  WireReader reader(payload);
  const auto kind = static_cast<RequestKind>(reader.U8());
  if (kind == RequestKind::kStop) {
    const Stop stop{.serial = reader.U32()};
    return reader.Done() ? std::optional<std::variant<Request, Stop>>(stop) : std::nullopt;
  }
  if (kind != RequestKind::kRun) {
    return std::nullopt;
  }
  auto request = ReadRun(reader);
  if (!reader.Done()) {
    return std::nullopt;
  }
  return request;
}

void AppendHello(std::string& out, const Hello& hello) {
  const std::size_t at = BeginFrame(out);
  Put(out, static_cast<std::uint8_t>(AnswerKind::kHello));
  PutLongText(out, hello.engine_version);
  Put(out, hello.shims);
  FinishFrame(out, at);
}

void AppendSchemaWanted(std::string& out) {
  const std::size_t at = BeginFrame(out);
  Put(out, static_cast<std::uint8_t>(AnswerKind::kSchemaWanted));
  FinishFrame(out, at);
}

void AppendSchemaFailed(std::string& out, std::string_view message) {
  const std::size_t at = BeginFrame(out);
  Put(out, static_cast<std::uint8_t>(AnswerKind::kSchemaFailed));
  PutLongText(out, message);
  FinishFrame(out, at);
}

}  // namespace paddock::runners::sqlite
