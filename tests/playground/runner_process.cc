#include "runner_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "certs/authority.h"

namespace paddock::testing {
namespace {

constexpr std::string_view kReady = "runner ready on port ";
constexpr int kStartTimeMaxMs = 60'000;
constexpr std::size_t kSaidMax = 65'536;

}  // namespace

RunnerProcess::RunnerProcess(const std::string& program) {
  MakeCertificates();
  Start(program);
  ReadPort();
}

RunnerProcess::~RunnerProcess() {
  kill(pid_, SIGTERM);
  waitpid(pid_, nullptr, 0);
}

certs::TlsFiles RunnerProcess::FilesOf(const std::string& name) const {
  const auto place = directory_.path() / "ca";
  return {.certificate = place / (name + ".pem"),
          .key = place / (name + ".key"),
          .authority = place / "ca.pem"};
}

void RunnerProcess::MakeCertificates() const {
  const auto place = directory_.path() / "ca";
  const auto made = certs::Authority::Create(place, {.valid = certs::kAuthorityDays});
  PADDOCK_CHECK(made.has_value());
  const certs::Authority authority(place);
  PADDOCK_CHECK(authority.MakeServer("runner", {"localhost"}, {}).has_value());
  PADDOCK_CHECK(authority.MakeClient("gateway", {}).has_value());
}

void RunnerProcess::Start(const std::string& program) {
  const auto files = FilesOf("runner");
  // Who may read the key is whoever runs the test.
  std::vector<std::string> words{program,
                                 "runner",
                                 "--config",
                                 "/dev/null",
                                 "--runner-user",
                                 "root",
                                 "--runner-listen",
                                 "localhost:0",
                                 "--runner-clients",
                                 "gateway",
                                 "--runner-certificate",
                                 files.certificate,
                                 "--runner-key",
                                 files.key,
                                 "--runner-ca",
                                 files.authority};
  std::vector<char*> argv;
  for (std::string& word : words) {
    argv.push_back(word.data());
  }
  argv.push_back(nullptr);
  std::array<int, 2> ends{};
  PADDOCK_CHECK(pipe2(ends.data(), O_CLOEXEC) == 0);
  said_.Reset(ends[0]);
  const UniqueFd theirs(ends[1]);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, theirs.get(), STDERR_FILENO);
  const int failed = posix_spawn(&pid_, program.c_str(), &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  PADDOCK_CHECK(failed == 0);
}

void RunnerProcess::ReadPort() {
  std::string said;
  while (said.size() < kSaidMax) {
    const auto at = said.find(kReady);
    const auto end = at == std::string::npos ? at : said.find(':', at);
    if (end != std::string::npos) {
      port_ = said.substr(at + kReady.size(), end - at - kReady.size());
      return;
    }
    pollfd one{.fd = said_.get(), .events = POLLIN, .revents = 0};
    PADDOCK_CHECK(poll(&one, 1, kStartTimeMaxMs) == 1);
    std::array<char, 4096> piece{};
    const ssize_t count = read(said_.get(), piece.data(), piece.size());
    PADDOCK_CHECK(count > 0);
    said.append(piece.data(), static_cast<std::size_t>(count));
  }
  PADDOCK_CHECK(false);
}

rpc::RemoteService RunnerProcess::service() const {
  return {.address = "localhost:" + port_, .files = FilesOf("gateway")};
}

}  // namespace paddock::testing
