#include "gateway/routes/file_routes.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/json_writer.h"
#include "gateway/routes/body_rules.h"
#include "gateway/routes/forms.h"

namespace paddock::gateway {
namespace {

constexpr int kListedMax = 10'000;
// Of names and of what links point to: a directory of the longest would be 43 MiB.
constexpr std::size_t kListedBytesMax = 1U << 20U;

bool HasParentComponent(std::string_view path) {
  return std::ranges::any_of(path | std::views::split('/'), [](auto component) {
    return std::string_view(component.begin(), component.end()) == "..";
  });
}

}  // namespace

Result<std::string> ReadPath(const Request& request, std::string_view name) {
  const auto text = request.Query(name);
  const auto encoded = request.Query(fmt::format("{}_base64", name));
  if (text.has_value() == encoded.has_value()) {
    return Fail(Code::kInvalid, fmt::format("{0} or {0}_base64 must be given", name));
  }
  auto path = text ? std::string(*text) : Base64UrlDecode(*encoded);
  if (!path) {
    return Fail(Code::kInvalid, fmt::format("{}_base64 is not base64url", name));
  }
  if (!path->starts_with('/') || path->size() > kPathBytesMax || path->contains('\0') ||
      HasParentComponent(*path)) {
    return Fail(Code::kInvalid,
                fmt::format("{} must be absolute, without .. and at most {} bytes long", name,
                            kPathBytesMax));
  }
  return *std::move(path);
}

Result<bool> ReadFlag(const Request& request, std::string_view name) {
  const auto text = request.Query(name).value_or("false");
  if (text != "true" && text != "false") {
    return Fail(Code::kInvalid, fmt::format("{} must be true or false", name));
  }
  return text == "true";
}

void FileRoutes::AddTo(Router& router) {
  const std::string files = "/api/v1/sandboxes/{sandbox_id}/files";
  router.Add({.method = Method::kGet,
              .pattern = files + "/list",
              .handler = [this](Request& request) { return List(request); },
              .action = identity::Action::kReadSandbox});
  router.Add({.method = Method::kGet,
              .pattern = files + "/stat",
              .handler = [this](Request& request) { return Stat(request); },
              .action = identity::Action::kReadSandbox});
  router.Add({.method = Method::kPost,
              .pattern = files + "/directory",
              .handler = [this](Request& request) { return MakeDirectory(request); },
              .action = identity::Action::kUseSandbox});
  router.Add({.method = Method::kPost,
              .pattern = files + "/move",
              .handler = [this](Request& request) { return Move(request); },
              .action = identity::Action::kUseSandbox});
  router.Add({.method = Method::kDelete,
              .pattern = files,
              .handler = [this](Request& request) { return Remove(request); },
              .action = identity::Action::kUseSandbox});
}

aio::Task<Response> FileRoutes::List(Request& request) {
  auto path = ReadPath(request);
  if (!path) {
    co_return ErrorResponse(request, path.error());
  }
  auto place = TakePlace(context_.transfers, CallerOf(request), "transfers");
  if (!place) {
    co_return ErrorResponse(request, place.error());
  }
  auto agent = co_await AgentOf(context_, request);
  if (!agent) {
    co_return ErrorResponse(request, agent.error());
  }
  auto directory = co_await (*agent)->ListDirectory(*path, kListedMax, request.deadline);
  if (!directory) {
    co_return ErrorResponse(request, directory.error());
  }
  JsonWriter out;
  out.BeginObject().Field("path", std::string_view(*path)).Key("entries").BeginArray();
  std::size_t bytes = 0;
  for (const sandbox::FileInfo& file : directory->entries) {
    bytes += file.name.size() + file.link_target.size();
    if (bytes > kListedBytesMax) {
      break;
    }
    WriteFile(out, file);
  }
  out.EndArray().Field("truncated", directory->truncated || bytes > kListedBytesMax).EndObject();
  co_return JsonResponse(200, std::move(out).Take());
}

aio::Task<Response> FileRoutes::Stat(Request& request) {
  auto path = ReadPath(request);
  if (!path) {
    co_return ErrorResponse(request, path.error());
  }
  auto agent = co_await AgentOf(context_, request);
  if (!agent) {
    co_return ErrorResponse(request, agent.error());
  }
  auto file = co_await (*agent)->Stat(*std::move(path), request.deadline);
  if (!file) {
    co_return ErrorResponse(request, file.error());
  }
  JsonWriter out;
  WriteFile(out, *file);
  co_return JsonResponse(200, std::move(out).Take());
}

aio::Task<Response> FileRoutes::MakeDirectory(Request& request) {
  auto path = ReadPath(request);
  if (!path) {
    co_return ErrorResponse(request, path.error());
  }
  const auto parents = ReadFlag(request, "parents");
  if (!parents) {
    co_return ErrorResponse(request, parents.error());
  }
  auto agent = co_await AgentOf(context_, request);
  if (!agent) {
    co_return ErrorResponse(request, agent.error());
  }
  auto made = co_await (*agent)->MakeDirectory(*std::move(path), *parents, request.deadline);
  co_return Answer(request, made);
}

aio::Task<Response> FileRoutes::Move(Request& request) {
  auto from = ReadPath(request);
  if (!from) {
    co_return ErrorResponse(request, from.error());
  }
  auto to = ReadPath(request, "to");
  if (!to) {
    co_return ErrorResponse(request, to.error());
  }
  auto agent = co_await AgentOf(context_, request);
  if (!agent) {
    co_return ErrorResponse(request, agent.error());
  }
  auto moved = co_await (*agent)->Move(*std::move(from), *std::move(to), request.deadline);
  co_return Answer(request, moved);
}

aio::Task<Response> FileRoutes::Remove(Request& request) {
  auto path = ReadPath(request);
  if (!path) {
    co_return ErrorResponse(request, path.error());
  }
  const auto recursive = ReadFlag(request, "recursive");
  if (!recursive) {
    co_return ErrorResponse(request, recursive.error());
  }
  auto agent = co_await AgentOf(context_, request);
  if (!agent) {
    co_return ErrorResponse(request, agent.error());
  }
  auto removed = co_await (*agent)->Remove(*std::move(path), *recursive, request.deadline);
  co_return Answer(request, removed);
}

}  // namespace paddock::gateway
