// Messages: what a pool of challenge workers and a worker say to each other.
//
// Each is a frame on a stream socket: a u32 size, then so many bytes; numbers are big-endian. The
// pool sends requests, and may follow each with a stop; the worker answers one after the other. It
// says hello once, when it is ready. Used by runners/sqlite (the pool) and runners/sqlite/worker.
//
// A worker runs what learners wrote, so the pool takes it for hostile: DecodeAnswer accepts no more
// rows and bytes than the request allowed, and makes every text UTF-8. Threading: pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "challenges/runner.h"

namespace paddock::runners::sqlite {

inline constexpr std::size_t kFrameHeaderBytes = 4;
inline constexpr std::size_t kDigestBytes = 64;
inline constexpr std::size_t kScriptBytesMax = std::size_t{16} << 20U;
inline constexpr std::size_t kQueryBytesMax = std::size_t{1} << 20U;
inline constexpr std::size_t kChecksMax = 100;
inline constexpr std::size_t kResultBytesMax = std::size_t{64} << 20U;
inline constexpr std::size_t kColumnsMax = 2'000;
/// What a cell counts beside its text: its place in sql::Rows.
inline constexpr std::size_t kCellOverheadBytes = 16;
/// No frame is longer, in either direction.
inline constexpr std::size_t kFrameBytesMax = std::size_t{256} << 20U;

/// A run to be encoded. With a script when the worker may not have prepared the schema.
/// Fails with kInvalid when it is greater than the limits above.
[[nodiscard]] Result<void> CheckRequest(const challenges::RunRequest& request);
/// Appends a frame with `request`, which CheckRequest has let pass. `serial` names the run.
void AppendRequest(std::string& out,
                   const challenges::RunRequest& request,
                   bool with_script,
                   std::uint32_t serial);
/// Appends a frame that ends the run `serial`, if the worker is at it.
void AppendStop(std::string& out, std::uint32_t serial);

/// A request as the worker has it: views into the frame.
struct Request {
  std::uint32_t serial = 0;
  std::string_view digest;
  std::optional<std::string_view> script = std::nullopt;
  std::string_view query;
  // NOLINTNEXTLINE(readability-redundant-member-init): may be left out
  std::vector<std::string_view> checks = {};
  challenges::ShimSet shims = 0;
  challenges::RunLimits limits = {};
};
struct Stop {
  std::uint32_t serial = 0;
};
[[nodiscard]] std::optional<std::variant<Request, Stop>> DecodeRequest(std::string_view payload);

struct Hello {
  std::string engine_version;     // "SQLite 3.40.1"
  challenges::ShimSet shims = 0;  // that the grammar can call
};
struct SchemaWanted {};  // the request came without its script, and is not known any more
struct SchemaFailed {
  std::string message;
};
using Answer = std::variant<Hello, SchemaWanted, SchemaFailed, challenges::RunOutcome>;

void AppendHello(std::string& out, const Hello& hello);
void AppendSchemaWanted(std::string& out);
void AppendSchemaFailed(std::string& out, std::string_view message);

/// Nothing when it is malformed, or more than `limits` lets a run give.
[[nodiscard]] std::optional<Answer> DecodeAnswer(std::string_view payload,
                                                 const challenges::RunLimits& limits);

}  // namespace paddock::runners::sqlite
