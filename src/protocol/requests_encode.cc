// Requests, client side: only sizes are checked here, since the agent judges what they say.

#include "protocol/requests.h"
#include "protocol/wire.h"

namespace paddock::protocol {
namespace {

class RequestWriter {
 public:
  explicit RequestWriter(std::string& out) : out_(out) {}

  template <std::unsigned_integral T>
  void Number(T value) {
    Put(out_, value);
  }
  void Flags(bool bit0, bool bit1 = false) {
    Put(out_, static_cast<std::uint8_t>((bit0 ? 1U : 0U) | (bit1 ? 2U : 0U)));
  }
  void Text(std::string_view text) {
    fits_ = fits_ && text.size() <= kTextBytesMax;
    if (fits_) {
      PutText(out_, text);
    }
  }
  void Arguments(const std::vector<std::string>& argv) {
    Count(argv.size(), kArgumentCountMax);
    for (const auto& argument : argv) {
      Text(argument);
    }
  }
  void Variables(const Environment& env) {
    Count(env.size(), kEnvironmentCountMax);
    for (const auto& [name, value] : env) {
      Text(name);
      Text(value);
    }
  }
  [[nodiscard]] bool fits() const { return fits_; }

 private:
  void Count(std::size_t count, std::size_t count_max) {
    fits_ = fits_ && count <= count_max;
    Put(out_, static_cast<std::uint16_t>(count));
  }

  std::string& out_;
  bool fits_ = true;
};

void Encode(RequestWriter& out, const ExecRequest& request) {
  out.Flags(!request.has_stdin, request.leaves_processes);
  out.Number(request.uid);
  out.Number(static_cast<std::uint64_t>(request.timeout.count()));
  out.Number(request.output_max.count);
  out.Number(request.memory_max.count);
  out.Number(request.process_count_max);
  out.Text(request.cwd);
  out.Arguments(request.argv);
  out.Variables(request.env);
}

void Encode(RequestWriter& out, const TerminalOpenRequest& request) {
  out.Number(request.uid);
  out.Number(request.column_count);
  out.Number(request.row_count);
  out.Text(request.id.value());
  out.Text(request.cwd);
  out.Arguments(request.argv);
  out.Variables(request.env);
}

void Encode(RequestWriter& /*out*/, const TerminalListRequest& /*request*/) {}

void Encode(RequestWriter& out, const TerminalCloseRequest& request) {
  out.Text(request.id.value());
}

void Encode(RequestWriter& out, const TerminalAttachRequest& request) {
  out.Text(request.id.value());
}

void Encode(RequestWriter& out, const StatRequest& request) {
  out.Flags(request.follows);
  out.Text(request.path);
}

void Encode(RequestWriter& out, const ListRequest& request) {
  out.Number(request.entry_count_max);
  out.Text(request.path);
}

void Encode(RequestWriter& out, const ReadRequest& request) {
  out.Number(request.offset);
  out.Number(request.length);
  out.Text(request.path);
}

void Encode(RequestWriter& out, const WriteRequest& request) {
  out.Number(request.mode);
  out.Text(request.path);
}

void Encode(RequestWriter& out, const MakeDirectoryRequest& request) {
  out.Flags(request.parents);
  out.Number(request.mode);
  out.Text(request.path);
}

void Encode(RequestWriter& out, const MoveRequest& request) {
  out.Flags(request.replaces);
  out.Text(request.from);
  out.Text(request.to);
}

void Encode(RequestWriter& out, const RemoveRequest& request) {
  out.Flags(request.recursive);
  out.Text(request.path);
}

void Encode(RequestWriter& out, const TarReadRequest& request) { out.Text(request.path); }

void Encode(RequestWriter& out, const TarWriteRequest& request) { out.Text(request.path); }

void Encode(RequestWriter& out, const ForwardRequest& request) {
  const auto family = static_cast<unsigned>(request.family);
  out.Number(static_cast<std::uint8_t>(family | (request.is_direct ? kDirectForwardBit : 0U)));
  out.Number(request.port);
  out.Text(request.path);
}

void Encode(RequestWriter& /*out*/, const StatsRequest& /*request*/) {}

}  // namespace

Result<void> AppendOpen(std::string& out, ChannelId channel, const Open& open) {
  const auto start = out.size();
  out.append(kFrameHeaderBytes, '\0');
  Put(out, static_cast<std::uint8_t>(open.request.index() + 1));
  Put(out, open.credit);
  RequestWriter writer(out);
  std::visit([&writer](const auto& request) { Encode(writer, request); }, open.request);
  const auto size = out.size() - start - kFrameHeaderBytes;
  if (!writer.fits() || size > kPayloadBytesMax) {
    out.resize(start);
    return Fail(Code::kInvalid, "the request is larger than " + std::to_string(kPayloadBytesMax) +
                                    " bytes or has too many arguments");
  }
  const std::span<char, kFrameHeaderBytes> header(out.data() + start, kFrameHeaderBytes);
  StoreFrameHeader(header, channel, FrameType::kOpen, size);
  return {};
}

void AppendSignal(std::string& out, ChannelId channel, Signal signal) {
  const char payload[] = {static_cast<char>(signal.signal), static_cast<char>(signal.scope)};
  AppendFrame(out, channel, FrameType::kSignal, std::string_view(payload, sizeof(payload)));
}

}  // namespace paddock::protocol
