#include "oci_host.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>

#include <fmt/format.h>

#include "aio/process.h"

namespace paddock::testing {
namespace fs = std::filesystem;

namespace {

constexpr int kAnswerTimeoutMs = 20'000;
constexpr const char* kBusyBox = "/bin/busybox";

std::string WhatIsMissing(const std::string& runtime) {
  if (geteuid() != 0) {
    return "making sandboxes needs root: run the tests with sudo";
  }
  if (aio::FindProgram(runtime).empty()) {
    return "the OCI runtime '" + runtime + "' is not installed (apt-get install " + runtime + ")";
  }
  if (!fs::exists(kBusyBox)) {
    return "the test image needs /bin/busybox (apt-get install busybox-static)";
  }
  if (!fs::exists("/dev/loop-control")) {
    return "the kernel offers no loop devices (modprobe loop)";
  }
  return {};
}

// The folder of the running test program, where the build puts the others too.
fs::path BuiltProgram(const char* name) {
  return fs::read_symlink("/proc/self/exe").parent_path() / name;
}

}  // namespace

void MakeImageRoot(const fs::path& root) {
  for (const char* folder :
       {"bin", "dev", "proc", "sys", "etc", "root", "tmp", "home", "usr/bin"}) {
    fs::create_directories(root / folder);
  }
  fs::permissions(root / "tmp", fs::perms::all | fs::perms::sticky_bit);
  fs::copy_file(kBusyBox, root / "bin/busybox", fs::copy_options::overwrite_existing);
  for (const char* applet :
       {"sh",    "cat",  "ls",   "id",     "mount",    "umount", "unshare", "dd",
        "touch", "ps",   "kill", "sleep",  "df",       "chown",  "chmod",   "mkdir",
        "mknod", "rm",   "echo", "grep",   "hostname", "tail",   "wc",      "seq",
        "yes",   "head", "true", "setsid", "ifconfig", "stat",   "env",     "ln",
        "nc",    "date", "su",   "sync",   "mv"}) {
    const auto link = root / "bin" / applet;
    if (!fs::exists(fs::symlink_status(link))) {
      fs::create_symlink("busybox", link);
    }
  }
  const auto copy = fs::copy_options::overwrite_existing;
  fs::copy_file(BuiltProgram("oci_syscall_probe"), root / "bin/syscall_probe", copy);
  fs::copy_file(BuiltProgram("oci_descriptor_probe"), root / "bin/descriptor_probe", copy);
  std::ofstream(root / "etc/passwd")
      << "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/home:/bin/sh\n";
  std::ofstream(root / "etc/group") << "root:x:0:\nuser:x:1000:\n";
}

OciHost::OciHost(std::string runtime, fs::path directory)
    : directory_(std::move(directory)),
      owns_directory_(directory_.empty()),
      missing_(WhatIsMissing(runtime)) {
  if (!missing_.empty()) {
    return;
  }
  if (owns_directory_) {
    std::string pattern = "/var/tmp/paddock-test-XXXXXX";
    directory_ = mkdtemp(pattern.data());
    // The mapped root of a sandbox must be able to pass.
    fs::permissions(directory_, fs::perms(0755));
    MakeImageRoot(directory_ / "image");
  }
  config_.data_dir = directory_ / "data";
  config_.run_dir = directory_ / "run";
  config_.cgroup_root = directory_.filename();
  config_.runtime = std::move(runtime);
  config_.agent_path = BuiltProgram("oci_probe_agent");
  config_.sqlite_helper_path = BuiltProgram("oci_syscall_probe");  // any program: it is not run
  config_.find_image = [root = (directory_ / "image").string()](
                           const std::string& name) -> Result<drivers::oci::ImageRoot> {
    if (name != "test" && name != "test@sha256:00" && name != "demanding") {
      return Fail(Code::kNotFound, "no image " + name);
    }
    drivers::oci::ImageRoot image{
        .pinned_name = "test@sha256:00", .path = root, .env = {{"FROM_IMAGE", "yes"}}, .boot = {}};
    image.process_count_min = name == "demanding" ? 64 : 0;
    return image;
  };
  if (auto opened = Open(); !opened) {
    throw std::runtime_error("open the driver: " + opened.error().message);
  }
}

OciHost::~OciHost() {
  if (!driver_ && missing_.empty()) {
    [[maybe_unused]] auto opened = Open();
  }
  if (driver_) {
    auto infos = Await(driver_->List(Soon()));
    for (const sandbox::Info& info : *infos) {
      Destroy(info.id);
    }
    // One may be on its way out already, and is not listed any more.
    Settle([](const HostState& state) { return state.cgroup_count == 0; });
    Close();
  }
  if (owns_directory_ && !directory_.empty()) {
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
    for (const auto& hierarchy : fs::directory_iterator("/sys/fs/cgroup", ignored)) {
      rmdir((hierarchy.path() / config_.cgroup_root).c_str());
    }
    rmdir(("/sys/fs/cgroup/" + config_.cgroup_root).c_str());
  }
}

Result<void> OciHost::Open() {
  auto opened = Await(drivers::oci::OciDriver::Open(loop_.get_executor(), config_, Soon()));
  if (!opened) {
    return Fail(std::move(opened).error());
  }
  driver_ = *std::move(opened);
  return {};
}

void OciHost::Close() {
  auto shutdown = [](drivers::oci::OciDriver& driver) -> aio::Task<bool> {
    co_await driver.Shutdown();
    co_return true;
  };
  Await(shutdown(*driver_));
  driver_.reset();
}

void OciHost::Restart() {
  Close();
  if (auto opened = Open(); !opened) {
    throw std::runtime_error("open the driver again: " + opened.error().message);
  }
}

SandboxId OciHost::Create(sandbox::Limits limits) {
  sandbox::Spec spec{.id = NewId<SandboxId>(),
                     .owner = NewId<UserId>(),
                     .image = "test",
                     .limits = limits,
                     .env = {{"COURSE", "sql-1"}},
                     .network = sandbox::Network::kNone};
  auto info = Await(driver_->Create(std::move(spec), Soon()));
  if (!info) {
    throw std::runtime_error("create a sandbox: " + info.error().message);
  }
  return info->id;
}

void OciHost::Destroy(const SandboxId& id) {
  if (auto destroyed = Await(driver_->Destroy(id, Soon())); !destroyed) {
    throw std::runtime_error("destroy a sandbox: " + destroyed.error().message);
  }
}

sandbox::State OciHost::StateOf(const SandboxId& id) {
  auto infos = Await(driver_->List(Soon()));
  for (const sandbox::Info& info : *infos) {
    if (info.id == id) {
      return info.state;
    }
  }
  return sandbox::State::kDestroyed;
}

std::string OciHost::GroupOf(const SandboxId& id, const std::string& controller) {
  auto infos = Await(driver_->List(Soon()));
  const auto info = std::ranges::find(*infos, id, &sandbox::Info::id);
  const auto below = config_.cgroup_root + "/" +
                     (info == infos->end() ? "?" : info->owner.value()) + "/" + id.value();
  const auto own = fmt::format("/sys/fs/cgroup/{}/{}", controller, below);
  return fs::exists(own) ? own : "/sys/fs/cgroup/" + below;
}

HostState OciHost::Settle(const std::function<bool(const HostState&)>& is_settled) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  for (;;) {
    const HostState state = ReadHostState(directory_, config_.cgroup_root);
    if (is_settled(state) || std::chrono::steady_clock::now() >= give_up) {
      return state;
    }
    Wait(std::chrono::milliseconds(50));
  }
}

void OciHost::Wait(std::chrono::milliseconds duration) {
  loop_.restart();
  loop_.run_for(duration);
}

std::string OciHost::Run(const SandboxId& id, const std::string& command) {
  auto stream = Await(driver_->Connect(id, Soon()));
  if (!stream) {
    return "connect: " + stream.error().message;
  }
  const std::string line = command + "\n";
  send(stream->get(), line.data(), line.size(), MSG_NOSIGNAL);
  std::string output;
  std::array<char, 4096> piece{};
  for (;;) {
    pollfd waiting{.fd = stream->get(), .events = POLLIN, .revents = 0};
    if (poll(&waiting, 1, kAnswerTimeoutMs) <= 0) {
      return output + "\n(no answer)";
    }
    const ssize_t count = read(stream->get(), piece.data(), piece.size());
    if (count <= 0) {
      return output;
    }
    output.append(piece.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace paddock::testing
