// Requests, agent side: everything that they say is checked here, with a reason in the answer.

#include "protocol/requests.h"
#include "protocol/text.h"
#include "protocol/wire.h"

namespace paddock::protocol {
namespace {

// A day is longer than any command; the bound keeps later sums from overflowing.
constexpr std::uint64_t kTimeoutMillisecondsMax = 86'400'000;
constexpr std::size_t kQuotedBytesMax = 256;

bool HasNul(std::string_view text) noexcept { return text.find('\0') != std::string_view::npos; }

// Reads checked fields. The first problem is kept: later fields of a bad message mean nothing.
class RequestReader {
 public:
  explicit RequestReader(std::string_view bytes) : in_(bytes) {}

  std::uint8_t U8() { return in_.U8(); }
  std::uint16_t U16() { return in_.U16(); }
  std::uint32_t U32() { return in_.U32(); }
  std::uint64_t U64() { return in_.U64(); }

  unsigned Flags(unsigned known) {
    const unsigned bits = in_.U8();
    Require((bits & ~known) == 0, "unknown flags");
    return bits;
  }
  std::string Path() {
    std::string path(in_.Text(kTextBytesMax));
    Require(IsPath(path), "not an absolute path: " + Printable(path, kQuotedBytesMax));
    return path;
  }
  std::string PathOrNone() {
    std::string path(in_.Text(kTextBytesMax));
    Require(path.empty() || IsPath(path),
            "not an absolute path: " + Printable(path, kQuotedBytesMax));
    return path;
  }
  TerminalId Id() {
    std::string text(in_.Text(kTextBytesMax));
    Require(IsIdText(text), "not the id of a terminal");
    return TerminalId(std::move(text));
  }
  std::vector<std::string> Arguments() {
    const std::size_t count = in_.U16();
    Require(count <= kArgumentCountMax, "too many arguments");
    std::vector<std::string> argv;
    for (std::size_t i = 0; i < count && ok(); ++i) {
      argv.emplace_back(in_.Text(kTextBytesMax));
      Require(!HasNul(argv.back()), "NUL in an argument");
    }
    return argv;
  }
  Environment Variables() {
    const std::size_t count = in_.U16();
    Require(count <= kEnvironmentCountMax, "too many environment variables");
    Environment env;
    for (std::size_t i = 0; i < count && ok(); ++i) {
      std::string name(in_.Text(kTextBytesMax));
      std::string value(in_.Text(kTextBytesMax));
      Require(!name.empty() && name.find('=') == std::string::npos && !HasNul(name),
              "not a variable's name: " + Printable(name, kQuotedBytesMax));
      Require(!HasNul(value), "NUL in an environment variable");
      env.emplace_back(std::move(name), std::move(value));
    }
    return env;
  }

  void Require(bool condition, std::string problem) {
    if (!condition && ok()) {
      problem_ = std::move(problem);
    }
  }
  [[nodiscard]] bool ok() const noexcept { return in_.ok() && problem_.empty(); }
  [[nodiscard]] Result<void> Finish() {
    if (!problem_.empty()) {
      return Fail(Code::kInvalid, std::move(problem_));
    }
    if (!in_.Done()) {
      return Fail(Code::kInvalid, "malformed request");
    }
    return {};
  }

 private:
  WireReader in_;
  std::string problem_;
};

void Decode(RequestReader& in, ExecRequest& request) {
  const auto flags = in.Flags(3);
  request.has_stdin = (flags & 1U) == 0;
  request.leaves_processes = (flags & 2U) != 0;
  request.uid = in.U32();
  const auto timeout_ms = in.U64();
  in.Require(timeout_ms <= kTimeoutMillisecondsMax, "timeout too long");
  request.timeout = std::chrono::milliseconds(static_cast<std::int64_t>(timeout_ms));
  request.output_max = Bytes{in.U64()};
  request.memory_max = Bytes{in.U64()};
  request.process_count_max = in.U32();
  request.cwd = in.PathOrNone();
  request.argv = in.Arguments();
  in.Require(!request.argv.empty() && !request.argv.front().empty(), "no program named");
  request.env = in.Variables();
}

void Decode(RequestReader& in, TerminalOpenRequest& request) {
  request.uid = in.U32();
  request.column_count = in.U16();
  request.row_count = in.U16();
  const bool sized = request.column_count >= 1 && request.column_count <= kColumnCountMax &&
                     request.row_count >= 1 && request.row_count <= kRowCountMax;
  in.Require(sized, "columns and rows are 1 to 1000");
  request.id = in.Id();
  request.cwd = in.PathOrNone();
  request.argv = in.Arguments();
  in.Require(request.argv.empty() || !request.argv.front().empty(), "no program named");
  request.env = in.Variables();
}

void Decode(RequestReader& /*in*/, TerminalListRequest& /*request*/) {}

void Decode(RequestReader& in, TerminalCloseRequest& request) { request.id = in.Id(); }

void Decode(RequestReader& in, TerminalAttachRequest& request) { request.id = in.Id(); }

void Decode(RequestReader& in, StatRequest& request) {
  request.follows = in.Flags(1) != 0;
  request.path = in.Path();
}

void Decode(RequestReader& in, ListRequest& request) {
  request.entry_count_max = in.U32();
  in.Require(request.entry_count_max <= kListEntryCountMax, "too many entries asked for");
  request.path = in.Path();
}

void Decode(RequestReader& in, ReadRequest& request) {
  request.offset = in.U64();
  request.length = in.U64();
  // Beyond this an offset is not an off_t.
  constexpr std::uint64_t kFileEnd = std::uint64_t{1} << 63U;
  in.Require(request.offset < kFileEnd, "offset too large");
  request.path = in.Path();
}

void Decode(RequestReader& in, WriteRequest& request) {
  request.mode = in.U32();
  in.Require(request.mode <= 07777, "mode has more than 12 bits");
  request.path = in.Path();
}

void Decode(RequestReader& in, MakeDirectoryRequest& request) {
  request.parents = in.Flags(1) != 0;
  request.mode = in.U32();
  in.Require(request.mode <= 07777, "mode has more than 12 bits");
  request.path = in.Path();
}

void Decode(RequestReader& in, MoveRequest& request) {
  request.replaces = in.Flags(1) != 0;
  request.from = in.Path();
  request.to = in.Path();
}

void Decode(RequestReader& in, RemoveRequest& request) {
  request.recursive = in.Flags(1) != 0;
  request.path = in.Path();
}

void Decode(RequestReader& in, TarReadRequest& request) { request.path = in.Path(); }

void Decode(RequestReader& in, TarWriteRequest& request) { request.path = in.Path(); }

void Decode(RequestReader& in, ForwardRequest& request) {
  const unsigned bits = in.U8();
  const auto family = static_cast<std::uint8_t>(bits & ~kDirectForwardBit);
  request.is_direct = (bits & kDirectForwardBit) != 0;
  const auto last = request.is_direct ? ForwardFamily::kUnix : ForwardFamily::kProgram;
  in.Require(family <= static_cast<std::uint8_t>(last), "unknown family");
  request.family = static_cast<ForwardFamily>(family);
  request.port = in.U16();
  request.path = in.PathOrNone();
  const bool is_unix = request.family == ForwardFamily::kUnix;
  in.Require(is_unix ? (request.port == 0 && !request.path.empty())
                     : (request.port != 0 && request.path.empty()),
             "a port or a path, not both");
  in.Require(request.family != ForwardFamily::kProgram ||
                 request.port == static_cast<std::uint16_t>(HelperProgram::kSqlite),
             "unknown program");
}

void Decode(RequestReader& /*in*/, StatsRequest& /*request*/) {}

// Puts the request of `kind` (from 1) into `out` and decodes it; false for an unknown kind.
template <std::size_t kIndex = 0>
bool DecodeKind(std::size_t kind, RequestReader& in, Request& out) {
  if constexpr (kIndex < std::variant_size_v<Request>) {
    if (kind == kIndex + 1) {
      Decode(in, out.emplace<kIndex>());
      return true;
    }
    return DecodeKind<kIndex + 1>(kind, in, out);
  } else {
    return false;
  }
}

}  // namespace

bool IsPath(std::string_view path) noexcept {
  return path.starts_with('/') && path.size() <= kPathBytesMax && !HasNul(path);
}

Result<Open> DecodeOpen(std::string_view payload) {
  RequestReader in(payload);
  Open open;
  const auto kind = in.U8();
  open.credit = in.U32();
  in.Require(open.credit <= kCreditMax, "too much credit");
  if (!DecodeKind(kind, in, open.request)) {
    return Fail(Code::kInvalid, "unknown kind of request: " + std::to_string(kind));
  }
  auto finished = in.Finish();
  if (!finished) {
    return Fail(std::move(finished).error());
  }
  return open;
}

Result<Signal> DecodeSignal(std::string_view payload) {
  WireReader in(payload);
  Signal signal;
  signal.signal = in.U8();
  const auto scope = in.U8();
  if (!in.Done() || signal.signal < 1 || signal.signal > kSignalMax || scope > 1) {
    return Fail(Code::kInvalid, "malformed SIGNAL");
  }
  signal.scope = static_cast<SignalScope>(scope);
  return signal;
}

}  // namespace paddock::protocol
