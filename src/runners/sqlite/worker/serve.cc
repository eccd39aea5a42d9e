#include "runners/sqlite/worker/serve.h"

#include <malloc.h>
#include <sched.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstdlib>
#include <ctime>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "runners/sqlite/worker/confinement.h"
#include "runners/sqlite/worker/connection.h"
#include "runners/sqlite/worker/schema_run.h"
#include "runners/sqlite/worker/shims.h"

namespace paddock::runners::sqlite {
namespace {

// A buffer that one great answer has stretched is not kept.
constexpr std::size_t kKeptBytesMax = std::size_t{1} << 20U;
// Images of databases come and go with every run; the kernel need not be asked each time.
constexpr int kHeapKeptBytes = 64 << 20;

bool SendAll(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

// Everything that asks the kernel for something does so once, before that is over.
void WarmUp() {
  // Waking up does not interrupt the server that gave it a run: its other requests would wait.
  const sched_param none{};
  (void)sched_setscheduler(0, SCHED_BATCH, &none);
  mallopt(M_MMAP_THRESHOLD, kHeapKeptBytes);
  mallopt(M_TRIM_THRESHOLD, kHeapKeptBytes);
  mallopt(M_ARENA_MAX, 1);
  setenv("TZ", "UTC0", 1);  // 'localtime' is UTC, and looks for no file
  tzset();
  SetUpEngine();
}

}  // namespace

Hello Worker::Greeting() {
  RunClock clock;
  Connection connection({}, clock);
  connection.SetShims(challenges::kAllShims);
  return {.engine_version = fmt::format("SQLite {}", sqlite3_libversion()),
          .shims = CallableShims(connection.handle())};
}

void Worker::Answer(const Request& request, std::string& out) {
  clock_.SetRun(request.serial);
  PreparedSchema* schema = shelf_.Find(request.digest);
  if (schema == nullptr && !request.script) {
    AppendSchemaWanted(out);
    return;
  }
  if (schema == nullptr) {
    auto built = PreparedSchema::Build(*request.script, clock_);
    if (!built) {
      AppendSchemaFailed(out, built.error());
      return;
    }
    schema = &shelf_.Put(request.digest, *std::move(built));
  }
  RunRequestOn(*schema, request, clock_, out);
}

int ServeChallenges() {
  WarmUp();
  std::string out;
  AppendHello(out, Worker::Greeting());
  if (!Confine(kWorkerSocket)) {
    return 1;
  }
  FrameSource source(kWorkerSocket);
  Worker worker(&source);
  while (SendAll(kWorkerSocket, out)) {
    const auto frame = source.Next();
    const auto request = frame ? DecodeRequest(*frame) : std::nullopt;
    if (!request) {
      break;
    }
    out.clear();
    if (out.capacity() > kKeptBytesMax) {
      out.shrink_to_fit();
    }
    if (const auto* const run = std::get_if<Request>(&*request)) {
      worker.Answer(*run, out);
    }
  }
  return 0;
}

}  // namespace paddock::runners::sqlite
