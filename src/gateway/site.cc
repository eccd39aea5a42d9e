#include "gateway/site.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "gateway/assets.h"

namespace paddock::gateway {
namespace {

constexpr std::string_view kIndexPage = "/index.html";

constexpr std::string_view kNoPages =
    "<!doctype html>\n"
    "<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Paddock</title></head><body>\n"
    "<h1>Paddock is running, without its pages</h1>\n"
    "<p>This binary was built before the web UI was. Build both with <code>./dev run</code>, or "
    "the "
    "UI alone with <code>npm --prefix web ci</code> and <code>npm --prefix web run build</code>, "
    "and then the binary again.</p>\n"
    "<p>The API is complete: <a href=\"/openapi/openapi.yaml\">its description</a>.</p>\n"
    "</body></html>\n";

const Asset kNoPagesAsset{.path = kIndexPage,
                          .content_type = "text/html; charset=utf-8",
                          .etag = "no-pages",
                          .plain = kNoPages,
                          .gzip = {},
                          .brotli = {},
                          .immutable = false};

/// A path that the UI's own router knows: no file name, and not an API's.
bool IsPagePath(std::string_view path) noexcept {
  constexpr std::array<std::string_view, 5> kOthers{"/api/", "/openapi/", "/assets/",
                                                    "/database-playground/", "/sqlrunner/"};
  const bool is_api = path == "/api" || std::ranges::any_of(kOthers, [&](std::string_view prefix) {
                        return path.starts_with(prefix);
                      });
  return !is_api && path.substr(path.rfind('/')).find('.') == std::string_view::npos;
}

Response ServePage(Request& request) {
  const auto assets = EmbeddedAssets();
  const Asset* asset = FindAsset(assets, request.path);
  if (asset == nullptr && IsPagePath(request.path)) {
    asset = FindAsset(assets, kIndexPage);
    if (asset == nullptr) {
      asset = &kNoPagesAsset;
    }
  }
  if (asset == nullptr) {
    return StatusResponse(request, 404, "There is nothing here.");
  }
  return ServeAsset(request, *asset);
}

/// The reader of the API's description; a page of its own, as its script is large.
Response ServeDocs(Request& request) {
  const Asset* asset = FindAsset(EmbeddedAssets(), "/openapi/docs/index.html");
  return ServeAsset(request, asset == nullptr ? kNoPagesAsset : *asset);
}

Response SayAlive(Request& /*request*/) { return JsonResponse(200, R"({"ok":true})"); }

Response ShowMetrics(Metrics& metrics) {  // lives as long as the router
  Response response;
  response.Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  response.body = metrics.Text();
  return response;
}

Route PublicGet(std::string pattern, InstantHandler answer) {
  Route route;
  route.method = Method::kGet;
  route.pattern = std::move(pattern);
  route.answer = std::move(answer);
  route.access = Access::kPublic;
  return route;
}

class Readiness {
 public:
  explicit Readiness(SiteHooks hooks) : hooks_(std::move(hooks)) {}

  aio::Task<Response> Answer(Request& request) const {
    if (hooks_.ready) {
      auto ready = co_await hooks_.ready();
      if (!ready) {
        co_return ErrorResponse(request, ready.error());
      }
    }
    co_return JsonResponse(200, R"({"ready":true})");
  }

 private:
  SiteHooks hooks_;
};

}  // namespace

void AddSite(Router& router, Metrics& metrics, SiteHooks hooks) {
  router.Add(PublicGet("/healthz", SayAlive));
  auto readiness = std::make_shared<Readiness>(std::move(hooks));
  router.Add({.method = Method::kGet,
              .pattern = "/readyz",
              .handler = [readiness](Request& request) { return readiness->Answer(request); },
              .access = Access::kPublic});
  router.Add(PublicGet("/metrics", [&metrics](Request&) { return ShowMetrics(metrics); }));
  router.Add(PublicGet("/openapi/docs", ServeDocs));
  router.Add(PublicGet("/openapi/docs/", ServeDocs));
  router.SetFallback(ServePage);
}

}  // namespace paddock::gateway
