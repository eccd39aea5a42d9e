#include "gateway/routes/exec_route.h"

#include <memory>
#include <utility>

#include "base/encoding.h"
#include "base/json_writer.h"
#include "gateway/json_body.h"
#include "gateway/routes/body_rules.h"
#include "gateway/routes/forms.h"

namespace paddock::gateway {
namespace {

constexpr std::chrono::milliseconds kTimeoutMax{600'000};
constexpr std::chrono::milliseconds kTimeoutInitial{10'000};
constexpr std::chrono::seconds kMargin{60};  // for a sandbox that is still being created
constexpr std::int64_t kOutputMax = 8LL << 20;
constexpr std::int64_t kOutputInitial = 1LL << 20;
constexpr std::size_t kStdinMax = 1U << 20;
constexpr std::size_t kStdinTextMax = kStdinMax / 3 * 4 + 4;  // in base64
// Room for the longest stdin in base64. As text it may have as many escapes as fit.
constexpr Bytes kBodyMax = 2_MiB;

void ReadStdin(JsonObject& root, sandbox::ExecSpec& spec) {
  auto text = root.OptionalText("stdin", {.bytes_max = kStdinTextMax, .nul_allowed = true});
  const auto encoding = root.Choice("stdin_encoding", "utf-8", {"utf-8", "base64"});
  if (!text) {
    return;
  }
  if (encoding == "base64") {
    auto bytes = Base64Decode(*text);
    if (!bytes) {
      root.Reject("stdin", "is not base64");
      return;
    }
    text = std::move(bytes);
  }
  if (text->size() > kStdinMax) {
    root.Reject("stdin", "is longer than 1048576 bytes");
    return;
  }
  spec.stdin_data = *std::move(text);
}

void ReadCommand(JsonObject& root, sandbox::ExecSpec& spec) {
  auto argv = ReadArgv(root);
  auto shell = root.OptionalText("shell", {.bytes_min = 1, .bytes_max = kArgumentBytesMax});
  if (argv.has_value() == shell.has_value()) {
    root.Reject("argv", "or shell must be given, and not both");
    return;
  }
  if (argv) {
    spec.argv = *std::move(argv);
  }
  spec.shell = std::move(shell);
}

}  // namespace

Result<sandbox::ExecSpec> ReadExecSpec(std::string_view text) {
  auto body = JsonBody::Parse(text);
  if (!body) {
    return Fail(std::move(body).error());
  }
  JsonObject root = body->root();
  sandbox::ExecSpec spec;
  ReadCommand(root, spec);
  ReadStdin(root, spec);
  spec.env = ReadEnv(root);
  spec.cwd = ReadCwd(root);
  spec.timeout = std::chrono::milliseconds(
      root.Integer("timeout_ms", kTimeoutInitial.count(), 1, kTimeoutMax.count()));
  const auto output_max = root.Integer("output_bytes_max", kOutputInitial, 1, kOutputMax);
  spec.output_max = {static_cast<std::uint64_t>(output_max)};
  auto valid = body->Finish();
  if (!valid) {
    return Fail(std::move(valid).error());
  }
  return spec;
}

ExecRoute::ExecRoute(ApiContext& context)
    : context_(context),
      exec_time_(context.parts.metrics.GetHistogram(
          "paddock_exec_seconds", "Time from the request to run a command until its result")) {}

void ExecRoute::AddTo(Router& router) {
  router.Add({.method = Method::kPost,
              .pattern = "/api/v1/sandboxes/{sandbox_id}/exec",
              .handler = [this](Request& request) { return Exec(request); },
              .action = identity::Action::kUseSandbox,
              .body = BodyKind::kBuffered,
              .body_max = kBodyMax,
              .time_max = kTimeoutMax + kMargin,
              .admit = [this](Request& request) { return Admit(request); }});
}

// Before the body is read, so that nobody has more bodies here than running commands.
Result<std::shared_ptr<void>> ExecRoute::Admit(Request& request) {
  auto place = TakePlace(context_.execs, CallerOf(request), "running commands");
  if (!place) {
    return Fail(std::move(place).error());
  }
  return std::make_shared<identity::UserQuota::Place>(*std::move(place));
}

aio::Task<Response> ExecRoute::Exec(Request& request) {
  const auto started_at = std::chrono::steady_clock::now();
  auto spec = ReadExecSpec(request.body);
  if (!spec) {
    co_return ErrorResponse(request, spec.error());
  }
  request.DropBody();  // a command may run for ten minutes
  auto agent = co_await AgentOf(context_, request);
  if (!agent) {
    co_return ErrorResponse(request, agent.error());
  }
  auto result = co_await (*agent)->Exec(*std::move(spec), request.deadline);
  if (!result) {
    co_return ErrorResponse(request, result.error());
  }
  exec_time_.Observe(
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started_at).count());
  JsonWriter out;
  WriteExecResult(out, *result);
  co_return JsonResponse(200, std::move(out).Take());
}

}  // namespace paddock::gateway
