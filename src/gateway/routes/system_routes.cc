#include "gateway/routes/system_routes.h"

#include <optional>
#include <string>
#include <utility>

#include "base/json_writer.h"
#include "gateway/routes/directory_forms.h"
#include "gateway/routes/forms.h"
#include "gateway/routes/host_load.h"

namespace paddock::gateway {
namespace {

void WriteStore(JsonWriter& out, const store::DatabaseState& state) {
  out.Key("store")
      .BeginObject()
      .Field("engine", std::string_view(state.engine))
      .Field("schema_version", state.schema_version)
      .Field("ok", !state.failure.has_value());
  WriteNullable(out, "failure", state.failure);
  out.EndObject();
}

void WriteCache(JsonWriter& out, const identity::CredentialCache& cache) {
  out.Key("cache")
      .BeginObject()
      .Field("kind", "memory")
      .Field("sessions", cache.Count(identity::CredentialKind::kSession))
      .Field("tokens", cache.Count(identity::CredentialKind::kApiToken) +
                           cache.Count(identity::CredentialKind::kProviderToken))
      .EndObject();
}

void WriteNode(JsonWriter& out, const sandbox::Manager& manager) {
  const auto ready = manager.Ready();
  const auto& known = manager.capabilities();
  out.Key("node").BeginObject().Field("ready", ready.has_value());
  WriteNullable(out, "engine", known ? std::optional(known->engine) : std::nullopt);
  WriteNullable(out, "failure", ready ? std::nullopt : std::optional(ready.error().message));
  WriteCapabilities(out, known.value_or(sandbox::Capabilities{}));
  out.EndObject();
}

void WriteSandboxes(JsonWriter& out, const sandbox::Manager& manager) {
  out.Key("sandboxes")
      .BeginObject()
      .Field("live", manager.live_count())
      .Field("max", manager.config().live_count_max)
      .Field("running", manager.CountIn(sandbox::State::kRunning))
      .Field("paused", manager.CountIn(sandbox::State::kPaused))
      .Field("stopped", manager.CountIn(sandbox::State::kStopped))
      .EndObject();
}

void WriteLoad(JsonWriter& out, const HostLoad& load) {
  out.Key("load")
      .BeginObject()
      .Field("one", load.one)
      .Field("five", load.five)
      .Field("fifteen", load.fifteen)
      .Field("cpu_count", load.cpu_count)
      .Field("memory_total_bytes", load.memory_total_bytes)
      .Field("memory_available_bytes", load.memory_available_bytes)
      .Field("disk_total_bytes", load.disk_total_bytes)
      .Field("disk_free_bytes", load.disk_free_bytes)
      .EndObject();
}

}  // namespace

void SystemRoutes::AddTo(Router& router) {
  router.Add({.method = Method::kGet,
              .pattern = "/api/v1/system",
              .handler = [this](Request& request) { return Get(request); },
              .action = identity::Action::kReadSystem});
}

aio::Task<Response> SystemRoutes::Get(Request& request) {
  identity::Services& people = context_.parts.identity;
  // A store that does not answer is what this page is for: it says so, and shows the rest.
  auto accounts = co_await people.directory.CountAccounts(request.deadline);
  auto state = people.database.state();
  if (!accounts && !state.failure) {
    state.failure = accounts.error().message;
  }
  const auto uptime =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - started_);
  JsonWriter out;
  out.BeginObject()
      .Field("version", std::string_view(context_.config.version))
      .Field("started_at", TimeText(started_at_).text())
      .Field("uptime_s", uptime.count())
      .Field("listen", std::string_view(context_.config.listen));
  WriteStore(out, state);
  WriteCache(out, people.credentials);
  WriteNode(out, context_.parts.manager);
  WriteSandboxes(out, context_.parts.manager);
  out.Key("users").BeginObject().Key("accounts");
  if (accounts) {
    out.Integer(*accounts);
  } else {
    out.Null();
  }
  out.EndObject();
  WriteLoad(out, ReadHostLoad(context_.config.data_dir));
  out.EndObject();
  co_return JsonResponse(200, std::move(out).Take());
}

}  // namespace paddock::gateway
