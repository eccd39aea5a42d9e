#include "service_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string_view>
#include <utility>

#include "base/argument_vector.h"
#include "base/check.h"
#include "certs/authority.h"

namespace paddock::testing {
namespace {

constexpr std::string_view kReady = " ready on port ";
constexpr int kStartTimeMaxMs = 60'000;
constexpr std::size_t kSaidMax = 65'536;

}  // namespace

ServiceProcess::ServiceProcess(std::string link, std::vector<std::string> words)
    : link_(std::move(link)) {
  MakeCertificates();
  Start(std::move(words));
}

ServiceProcess::~ServiceProcess() {
  kill(pid_, SIGTERM);
  waitpid(pid_, nullptr, 0);
}

certs::TlsFiles ServiceProcess::FilesOf(const std::string& name) const {
  const auto place = directory_.path() / "ca";
  return {.certificate = place / (name + ".pem"),
          .key = place / (name + ".key"),
          .authority = place / "ca.pem"};
}

void ServiceProcess::MakeCertificates() const {
  const auto place = directory_.path() / "ca";
  const auto made = certs::Authority::Create(place, {.valid = certs::kAuthorityDays});
  PADDOCK_CHECK(made.has_value());
  const certs::Authority authority(place);
  PADDOCK_CHECK(authority.MakeServer("service", {"localhost"}, {}).has_value());
  PADDOCK_CHECK(authority.MakeClient("gateway", {}).has_value());
}

void ServiceProcess::Start(std::vector<std::string> words) {
  const auto files = FilesOf("service");
  const std::string program = words.front();
  // Who may read the key is whoever runs the test.
  for (const auto& [end, value] :
       {std::pair("-user", std::string("root")), std::pair("-listen", std::string("localhost:0")),
        std::pair("-clients", std::string("gateway")), std::pair("-certificate", files.certificate),
        std::pair("-key", files.key), std::pair("-ca", files.authority)}) {
    words.push_back("--" + link_ + end + "=" + value);
  }
  words.emplace_back("--config=/dev/null");
  const auto argv = PointersTo(words);
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

void ServiceProcess::ReadPort() {
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

rpc::RemoteService ServiceProcess::service() {
  if (port_.empty()) {
    ReadPort();
  }
  return {.address = "localhost:" + port_, .files = FilesOf("gateway")};
}

}  // namespace paddock::testing
