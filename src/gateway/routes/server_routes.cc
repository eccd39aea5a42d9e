#include "gateway/routes/server_routes.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/json_writer.h"
#include "gateway/routes/forms.h"

namespace paddock::gateway {
namespace {

void WriteImage(JsonWriter& out,
                const sandbox::ImageSummary& image,
                std::string_view state,
                bool is_default) {
  const auto english = image.description.find("en");
  out.BeginObject()
      .Field("name", std::string_view(image.name))
      .Field("description", english == image.description.end() ? std::string_view()
                                                               : std::string_view(english->second))
      .Key("descriptions");
  WriteTextMap(out, image.description);
  out.Field("state", state).Field("is_default", is_default).EndObject();
}

using Place = identity::UserQuota::Place;

/// Sends until the client leaves or falls behind.
aio::Task<void> SendEvents(EventSink& sink,  // outlives the task
                           std::shared_ptr<sandbox::EventFeed::Subscription> subscription,
                           [[maybe_unused]] std::shared_ptr<Place> place) {
  auto sent = co_await sink.Send("ready", "{}", "");
  while (sent) {
    auto event = co_await subscription->Next(Deadline::Never());
    if (!event) {
      if (event.error().code == Code::kExhausted) {
        (void)co_await sink.Send("lagged", "{}", "");
      }
      co_return;
    }
    JsonWriter out;
    WriteEvent(out, *event);
    auto json = std::move(out).Take();
    sent = co_await sink.Send("sandbox", std::move(json), "");
  }
}

}  // namespace

void ServerRoutes::AddTo(Router& router) {
  router.Add({.method = Method::kGet,
              .pattern = "/api/v1/status",
              .handler = [this](Request& request) { return Status(request); },
              .action = identity::Action::kReadServer});
  router.Add({.method = Method::kGet,
              .pattern = "/api/v1/images",
              .answer = [this](Request& request) { return Images(request); },
              .action = identity::Action::kReadServer});
  router.Add({.method = Method::kGet,
              .pattern = "/api/v1/events",
              .answer = [this](Request& request) { return Events(request); },
              .action = identity::Action::kReadSandbox});
}

aio::Task<Response> ServerRoutes::Status(const Request& request) const {
  const sandbox::Manager& manager = context_.parts.manager;
  const auto& known = manager.capabilities();
  auto allowance = co_await AllowanceOf(context_, request);
  if (!allowance) {
    co_return ErrorResponse(request, allowance.error());
  }
  const sandbox::LimitPolicy policy = manager.PolicyFor(*allowance);
  JsonWriter out;
  out.BeginObject()
      .Field("version", std::string_view(context_.config.version))
      .Field("ready", manager.Ready().has_value())
      .Key("engine");
  if (known) {
    out.Text(known->engine);
  } else {
    out.Null();
  }
  WriteCapabilities(out, known.value_or(sandbox::Capabilities{}));
  WriteLimits(out.Key("limits_default"), policy.initial);
  WriteLimits(out.Key("limits_max"), policy.max);
  out.Field("sandboxes_max", manager.SandboxesMaxFor(*allowance))
      .Field("terminals_max", context_.config.limits.sandbox_terminals_max)
      .Field("upload_bytes_max", context_.config.limits.upload_max.count)
      .EndObject();
  co_return JsonResponse(200, std::move(out).Take());
}

Response ServerRoutes::Images(const Request& request) const {
  const auto& known = context_.parts.manager.capabilities();
  if (!known) {
    return ErrorResponse(request,
                         {.code = Code::kUnavailable, .message = "the node has not answered yet"});
  }
  const std::string& default_image = context_.config.default_image;
  JsonWriter out;
  out.BeginObject().Key("images").BeginArray();
  for (const sandbox::ImageSummary& image : known->images) {
    WriteImage(out, image, "ready", image.name == default_image);
  }
  // The page can say that it is being prepared, instead of offering nothing.
  if (std::ranges::find(known->images, default_image, &sandbox::ImageSummary::name) ==
      known->images.end()) {
    WriteImage(out, {.name = default_image, .digest = {}, .description = {}}, "absent", true);
  }
  out.EndArray().EndObject();
  return JsonResponse(200, std::move(out).Take());
}

Response ServerRoutes::Events(const Request& request) {
  const UserId user = CallerOf(request);
  auto taken = TakePlace(context_.event_streams, user, "event streams");
  if (!taken) {
    return ErrorResponse(request, taken.error());
  }
  // Shared, because the body's function must be copyable; there is one copy in use.
  auto place = std::make_shared<Place>(*std::move(taken));
  // Subscribed now, so that nothing between this answer and its first event is missed.
  std::shared_ptr<sandbox::EventFeed::Subscription> subscription =
      context_.parts.manager.events().Subscribe(user);
  EventStream stream;
  stream.run = [&streams = context_.open_streams, holder = request.caller->principal, subscription,
                place](EventSink& sink) {
    auto body = SendEvents(sink, subscription, place);
    return streams.Run(holder, std::move(body));
  };
  Response response{.status = 200, .headers = {}, .body = std::move(stream)};
  return response;
}

}  // namespace paddock::gateway
