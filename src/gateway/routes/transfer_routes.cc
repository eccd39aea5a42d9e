#include "gateway/routes/transfer_routes.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "base/utf8.h"
#include "gateway/routes/file_routes.h"
#include "gateway/routes/forms.h"
#include "gateway/routes/range.h"

namespace paddock::gateway {
namespace {

constexpr std::chrono::minutes kTransferTimeMax{30};
constexpr std::uint32_t kModeInitial = 0644;
constexpr int kRangeNotSatisfiable = 416;

using Place = identity::UserQuota::Place;

/// What an agent sends, as the body of an answer. `left` is what was promised in Content-Length: no
/// more is sent, and less is a failure that the client must see as one.
class AgentSource final : public ByteSource {
 public:
  AgentSource(std::unique_ptr<sandbox::ByteReader> reader,
              std::optional<std::uint64_t> left,
              sandbox::AgentRef agent,
              Place place)
      : agent_(std::move(agent)),
        reader_(std::move(reader)),
        left_(left),
        place_(std::move(place)) {}

  aio::Task<Result<std::string>> Read(Deadline deadline) override {
    if (left_ == 0U) {
      co_return std::string();
    }
    auto piece = co_await reader_->Read(deadline);
    if (!piece || !left_) {
      co_return piece;
    }
    if (piece->empty()) {
      co_return Fail(Code::kUnavailable, "the file became shorter while it was read");
    }
    if (piece->size() > *left_) {
      piece->resize(*left_);
    }
    *left_ -= piece->size();
    co_return piece;
  }

 private:
  sandbox::AgentRef agent_;  // keeps the connection while the reader is in use
  std::unique_ptr<sandbox::ByteReader> reader_;
  std::optional<std::uint64_t> left_;
  Place place_;
};

std::string_view LastComponent(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) {
    path.remove_suffix(1);
  }
  return path.substr(path.rfind('/') + 1);
}

/// RFC 6266: a name that every client understands, and the true one.
std::string Attachment(std::string_view name) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_";
  std::string simple;
  std::string exact;
  for (const char c : name) {
    if (kPlain.contains(c)) {
      simple += c;
      exact += c;
    } else {
      simple += '_';
      fmt::format_to(std::back_inserter(exact), "%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return fmt::format("attachment; filename=\"{}\"; filename*=UTF-8''{}", simple, exact);
}

/// Never rendered, whatever a learner put into the file.
void SetDownloadHeaders(Response& response, std::string_view type, std::string_view name) {
  response.Set("Content-Type", std::string(type));
  response.Set("Content-Disposition", Attachment(name));
  response.Set("Content-Security-Policy", "sandbox; default-src 'none'");
  response.Set("Cache-Control", "no-store");
}

Result<std::uint32_t> ReadMode(const Request& request) {
  const auto text = request.Query("mode");
  if (!text) {
    return kModeInitial;
  }
  std::uint32_t mode = 0;
  constexpr int kOctal = 8;
  const char* text_end = std::to_address(text->end());
  const auto [end, error] = std::from_chars(std::to_address(text->begin()), text_end, mode, kOctal);
  if (error != std::errc() || end != text_end || text->size() < 3 || text->size() > 4) {
    return Fail(Code::kInvalid, "mode must be three or four octal digits");
  }
  return mode;
}

/// Until the body ends; then makes it final. Dropping `writer` before undoes everything.
aio::Task<Result<void>> Pump(ByteSource& body,  // outlives the task, as the request does
                             std::unique_ptr<sandbox::ByteWriter> writer,
                             Deadline deadline) {
  while (true) {
    auto piece = co_await body.Read(deadline);
    if (!piece) {
      co_return Fail(std::move(piece).error());
    }
    if (piece->empty()) {
      break;
    }
    auto written = co_await writer->Write(*std::move(piece), deadline);
    if (!written) {
      co_return written;
    }
  }
  auto finished = co_await writer->Finish(deadline);
  co_return finished;
}

}  // namespace

void TransferRoutes::AddTo(Router& router) {
  const std::string files = "/api/v1/sandboxes/{sandbox_id}/files";
  const Bytes upload_max = context_.config.limits.upload_max;
  router.Add({.method = Method::kGet,
              .pattern = files,
              .handler = [this](Request& request) { return ReadFile(request); },
              .action = identity::Action::kReadSandbox,
              .time_max = kTransferTimeMax});
  router.Add({.method = Method::kPut,
              .pattern = files,
              .handler = [this](Request& request) { return WriteFile(request); },
              .action = identity::Action::kUseSandbox,
              .body = BodyKind::kStreamed,
              .body_max = upload_max,
              .time_max = kTransferTimeMax});
  router.Add({.method = Method::kGet,
              .pattern = files + "/tar",
              .handler = [this](Request& request) { return ReadTar(request); },
              .action = identity::Action::kReadSandbox,
              .time_max = kTransferTimeMax});
  router.Add({.method = Method::kPut,
              .pattern = files + "/tar",
              .handler = [this](Request& request) { return WriteTar(request); },
              .action = identity::Action::kUseSandbox,
              .body = BodyKind::kStreamed,
              .body_max = upload_max,
              .time_max = kTransferTimeMax});
}

Result<Place> TransferRoutes::TakeTransfer(const Request& request) {
  return TakePlace(context_.transfers, CallerOf(request), "transfers");
}

aio::Task<Response> TransferRoutes::ReadFile(Request& request) {
  auto path = ReadPath(request);
  if (!path) {
    co_return ErrorResponse(request, path.error());
  }
  auto place = TakeTransfer(request);
  if (!place) {
    co_return ErrorResponse(request, place.error());
  }
  auto agent = co_await AgentOf(context_, request);
  if (!agent) {
    co_return ErrorResponse(request, agent.error());
  }
  ByteRange wanted{.length = std::numeric_limits<std::uint64_t>::max()};
  bool is_partial = false;
  if (const auto header = request.Header("Range")) {
    auto info = co_await (*agent)->Stat(*path, request.deadline);
    if (!info) {
      co_return ErrorResponse(request, info.error());
    }
    const auto range = ParseRange(*header, info->size.count);
    if (!range) {
      Response refusal =
          StatusResponse(request, kRangeNotSatisfiable, "the range begins behind the end");
      refusal.Set("Content-Range", fmt::format("bytes */{}", info->size.count));
      co_return refusal;
    }
    is_partial = range->has_value();
    wanted = range->value_or(wanted);
  }
  auto content = co_await (*agent)->ReadFile(*path, wanted.first, wanted.length, request.deadline);
  if (!content) {
    co_return ErrorResponse(request, content.error());
  }
  const std::uint64_t size = content->info.size.count;
  const std::uint64_t length = std::min(wanted.length, size - std::min(size, wanted.first));
  if (length > context_.config.limits.download_max.count) {
    co_return ErrorResponse(
        request, {.code = Code::kInvalid, .message = "the file is too large to download whole"});
  }
  Response response{.status = is_partial ? 206 : 200, .headers = {}, .body = {}};
  SetDownloadHeaders(response, "application/octet-stream", LastComponent(*path));
  response.Set("Accept-Ranges", "bytes");
  response.Set("Last-Modified", FormatHttpDate(content->info.modified_at));
  if (is_partial) {
    response.Set("Content-Range",
                 fmt::format("bytes {}-{}/{}", wanted.first,
                             wanted.first + std::max<std::uint64_t>(length, 1) - 1, size));
  }
  response.body =
      StreamBody{.source = std::make_unique<AgentSource>(std::move(content->bytes), length,
                                                         *std::move(agent), *std::move(place)),
                 .size = length};
  co_return response;
}

aio::Task<Response> TransferRoutes::WriteFile(Request& request) {
  auto path = ReadPath(request);
  if (!path) {
    co_return ErrorResponse(request, path.error());
  }
  const auto mode = ReadMode(request);
  if (!mode) {
    co_return ErrorResponse(request, mode.error());
  }
  auto place = TakeTransfer(request);
  if (!place) {
    co_return ErrorResponse(request, place.error());
  }
  auto agent = co_await AgentOf(context_, request);
  if (!agent) {
    co_return ErrorResponse(request, agent.error());
  }
  auto writer = co_await (*agent)->WriteFile(*std::move(path), *mode, request.deadline);
  if (!writer) {
    co_return ErrorResponse(request, writer.error());
  }
  auto written = co_await Pump(*request.body_source, *std::move(writer), request.deadline);
  co_return Answer(request, written);
}

aio::Task<Response> TransferRoutes::ReadTar(Request& request) {
  auto path = ReadPath(request);
  if (!path) {
    co_return ErrorResponse(request, path.error());
  }
  auto place = TakeTransfer(request);
  if (!place) {
    co_return ErrorResponse(request, place.error());
  }
  auto agent = co_await AgentOf(context_, request);
  if (!agent) {
    co_return ErrorResponse(request, agent.error());
  }
  auto reader = co_await (*agent)->ReadTar(*path, request.deadline);
  if (!reader) {
    co_return ErrorResponse(request, reader.error());
  }
  const auto name = LastComponent(*path);
  Response response{.status = 200, .headers = {}, .body = {}};
  SetDownloadHeaders(response, "application/x-tar",
                     fmt::format("{}.tar", name.empty() ? "root" : name));
  response.body =
      StreamBody{.source = std::make_unique<AgentSource>(*std::move(reader), std::nullopt,
                                                         *std::move(agent), *std::move(place)),
                 .size = {}};
  co_return response;
}

aio::Task<Response> TransferRoutes::WriteTar(Request& request) {
  auto path = ReadPath(request);
  if (!path) {
    co_return ErrorResponse(request, path.error());
  }
  auto place = TakeTransfer(request);
  if (!place) {
    co_return ErrorResponse(request, place.error());
  }
  auto agent = co_await AgentOf(context_, request);
  if (!agent) {
    co_return ErrorResponse(request, agent.error());
  }
  auto writer = co_await (*agent)->WriteTar(*std::move(path), request.deadline);
  if (!writer) {
    co_return ErrorResponse(request, writer.error());
  }
  auto written = co_await Pump(*request.body_source, *std::move(writer), request.deadline);
  co_return Answer(request, written);
}

}  // namespace paddock::gateway
