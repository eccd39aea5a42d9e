// A worker for the tests of the pool: the real one, or one that does what no worker should.
//
// usage: challenges_worker_probe real|open|exec|connect|exit|garbage|liar|silent
//   open, exec, connect, fork   confine themselves and try what is forbidden, at the first request
//   exit        ends at the first request
//   garbage     answers with bytes that are no frame's payload
//   liar        answers with more rows than were allowed
//   silent      says hello and never again anything
//   mute        never says anything
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "runners/sqlite/protocol/outcome_writer.h"
#include "runners/sqlite/worker/confinement.h"
#include "runners/sqlite/worker/serve.h"

namespace {

namespace sqlite = paddock::runners::sqlite;
using paddock::challenges::RunLimits;

void Send(std::string_view bytes) {
  (void)!send(sqlite::kWorkerSocket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

void AwaitRequest() {
  std::array<char, 4096> space{};
  (void)!recv(sqlite::kWorkerSocket, space.data(), space.size(), 0);
}

std::string Lie() {
  std::string out;
  sqlite::OutcomeWriter writer(out, RunLimits{.rows = 1'000'000, .bytes = std::size_t{60} << 20U});
  const std::array columns{paddock::sql::Column{.name = "n"}};
  (void)writer.BeginResult(columns);
  for (int row = 0; row < 100'000; ++row) {
    (void)writer.BeginRow();
    (void)writer.AddCell(paddock::sql::CellType::kInteger, "1");
  }
  writer.Finish({});
  return out;
}

/// What a worker that was taken over would try.
void Misbehave(std::string_view mode) {
  if (mode == "open") {
    (void)!open("/etc/passwd", O_RDONLY | O_CLOEXEC);
  } else if (mode == "exec") {
    std::array<char*, 1> none{nullptr};
    execve("/bin/true", none.data(), none.data());
  } else if (mode == "connect") {
    (void)!socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  } else if (mode == "fork") {
    (void)!fork();
  } else if (mode == "code") {
    (void)!mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                0);
  } else if (mode == "garbage") {
    Send(std::string_view("\0\0\0\4abcd", 8));
  } else if (mode == "liar") {
    Send(Lie());
  } else if (mode == "silent") {
    AwaitRequest();  // there is none
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::span words(argv, static_cast<std::size_t>(argc));
  const std::string_view mode = words.size() > 1 ? words[1] : "real";
  if (mode == "real") {
    return sqlite::ServeChallenges();
  }
  if (mode == "mute") {
    AwaitRequest();
    return 0;
  }
  std::string hello;
  sqlite::AppendHello(hello, {.engine_version = "SQLite 0"});
  if (!sqlite::Confine(sqlite::kWorkerSocket)) {
    return 1;
  }
  Send(hello);
  AwaitRequest();
  Misbehave(mode);
  // A worker that comes here was allowed what it tried.
  if (mode != "garbage" && mode != "liar" && mode != "exit" && mode != "silent") {
    std::string out;
    sqlite::OutcomeWriter(out, RunLimits()).Finish({});
    Send(out);
    AwaitRequest();
  }
  return 0;
}
