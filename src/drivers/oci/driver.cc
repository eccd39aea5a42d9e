#include "drivers/oci/driver.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "aio/offload.h"
#include "aio/process.h"
#include "base/log.h"
#include "drivers/oci/config.h"
#include "drivers/oci/launch.h"
#include "drivers/oci/pause.h"
#include "drivers/oci/probe_memory.h"

namespace paddock::drivers::oci {
namespace fs = std::filesystem;

namespace {

constexpr std::chrono::seconds kTakeOverTime{3};
constexpr std::chrono::milliseconds kLockInterval{10};
constexpr int kPoolThreads = 2;
constexpr int kSyncThreads = 4;  // each waits; the host's file system does their work together
constexpr int kRemovalThreads = 2;
constexpr std::uint32_t kIdBaseMin = 65'536;   // below are the host's own users
constexpr std::uint64_t kIdEnd = 0xffff'ffff;  // which itself means "no id"
constexpr int kLaunchesMax = 4;  // more at once on the same cores only make each slower

Result<void> MakeDirectory(const std::string& path, mode_t mode) {
  std::error_code failure;
  fs::create_directories(path, failure);
  if (failure || chmod(path.c_str(), mode) != 0) {
    return Fail(
        Code::kUnavailable,
        fmt::format("make {}: {}", path, failure ? failure.message() : strerrordesc_np(errno)));
  }
  return {};
}

Result<void> CheckIds(const OciDriverConfig& config) {
  const std::uint64_t count = static_cast<std::uint64_t>(std::max(config.sandbox_count_max, 0));
  if (config.id_base < kIdBaseMin || config.id_base + count * kIdCountPerSandbox > kIdEnd) {
    return Fail(Code::kInvalid,
                fmt::format("--id-base {}: must be at least {}, and leave room for {} ranges of {} "
                            "ids below {}",
                            config.id_base, kIdBaseMin, count, kIdCountPerSandbox, kIdEnd));
  }
  return {};
}

bool HaveSameBytes(const std::string& left, const std::string& right) {
  std::ifstream one(left, std::ios::binary);
  std::ifstream other(right, std::ios::binary);
  std::error_code failure;
  return one && other && fs::file_size(left, failure) == fs::file_size(right, failure) &&
         !failure &&
         std::equal(std::istreambuf_iterator<char>(one), std::istreambuf_iterator<char>(),
                    std::istreambuf_iterator<char>(other));
}

}  // namespace

OciDriver::OciDriver(boost::asio::any_io_executor executor,
                     OciDriverConfig config,
                     Cgroups cgroups,
                     Journal journal)
    : executor_(executor),
      config_(std::move(config)),
      cgroups_(std::move(cgroups)),
      journal_(std::move(journal)),
      id_ranges_(config_.id_base, config_.sandbox_count_max),
      pool_(kPoolThreads),
      sync_pool_(kSyncThreads),
      removal_pool_(kRemovalThreads),
      disks_(config_.data_dir + "/node/disks", pool_),
      launches_(kLaunchesMax),
      tasks_(executor),
      reapers_(std::move(executor)) {}

OciDriver::~OciDriver() {
  pool_.join();
  sync_pool_.join();
  removal_pool_.join();
}

aio::Task<Result<std::unique_ptr<OciDriver>>> OciDriver::Open(boost::asio::any_io_executor executor,
                                                              OciDriverConfig config,
                                                              Deadline deadline) {
  if (geteuid() != 0) {
    co_return Fail(Code::kUnavailable, "making sandboxes needs root: run it with sudo");
  }
  if (auto valid = CheckIds(config); !valid) {
    co_return Fail(std::move(valid).error());
  }
  auto cgroups = Cgroups::Open(config.cgroup_root);
  if (!cgroups) {
    co_return Fail(std::move(cgroups).error());
  }
  auto journal = Journal::Open(config.data_dir + "/node", config.run_dir);
  if (!journal) {
    co_return Fail(std::move(journal).error());
  }
  std::unique_ptr<OciDriver> driver(
      new OciDriver(executor, std::move(config), *std::move(cgroups), *std::move(journal)));
  // Before anything is touched that a node at work uses.
  auto ready = co_await driver->TakeOver(deadline);
  if (ready) {
    ready = driver->PrepareDirectories();
  }
  if (ready) {
    ready = co_await driver->ChooseRuntime(deadline);
  }
  if (ready) {
    ready = co_await driver->Recover(deadline);
  }
  if (!ready) {
    co_await driver->Shutdown();
    co_return Fail(std::move(ready).error());
  }
  driver->tasks_.Spawn(driver->ExpireForever());
  co_return driver;
}

aio::Task<void> OciDriver::Shutdown() {
  tasks_.Cancel();
  co_await tasks_.Join();
  co_await FinishReaping();
  if (!locks_.empty()) {  // otherwise the groups are another node's
    cgroups_.RemoveRoot();
  }
}

std::string OciDriver::RunDirectoryOf(const SandboxId& id) const {
  return fmt::format("{}/sandboxes/{}", config_.run_dir, id.value());
}

std::string OciDriver::SocketOf(const SandboxId& id) const {
  return RunDirectoryOf(id) + "/agent.sock";
}

// runsc leaves several files in its directory, so each sandbox has one of its own there.
RuntimeFiles OciDriver::FilesOf(const SandboxId& id) const {
  const auto shared = config_.run_dir + "/runtime";
  return {.state_directory = runtime_.kind == RuntimeKind::kRunsc
                                 ? fmt::format("{}/{}", shared, id.value())
                                 : shared,
          .bundle_directory = RunDirectoryOf(id)};
}

Result<void> OciDriver::PrepareDirectories() {
  const std::array<std::pair<std::string, mode_t>, 5> directories{{
      // Those on the way to a sandbox's root must let its mapped ids pass.
      {config_.run_dir, 0755},
      {config_.run_dir + "/mnt", 0755},
      {config_.run_dir + "/sandboxes", 0700},
      {config_.run_dir + "/runtime", 0700},
      {config_.data_dir + "/node", 0711},
  }};
  for (const auto& [path, mode] : directories) {
    if (auto made = MakeDirectory(path, mode); !made) {
      return made;
    }
  }
  if (auto disks = disks_.Prepare(); !disks) {
    return disks;
  }
  return CopyPrograms();
}

Result<void> OciDriver::CopyPrograms() {
  agent_copy_ = config_.data_dir + "/node/agent";
  auto copied = CopyProgram(config_.agent_path, agent_copy_);
  if (!copied || config_.sqlite_helper_path.empty()) {
    return copied;
  }
  sqlite_helper_copy_ = config_.data_dir + "/node/paddock-sqlite";
  return CopyProgram(config_.sqlite_helper_path, sqlite_helper_copy_);
}

// Sandboxes keep the file they were started with: a new program gets a new file by rename. A host
// whose disk is full still gets its node, and the program that it had.
Result<void> OciDriver::CopyProgram(const std::string& program, const std::string& copy) {
  if (HaveSameBytes(program, copy)) {
    return {};
  }
  const auto beside = copy + ".new";
  std::error_code failure;
  fs::copy_file(program, beside, fs::copy_options::overwrite_existing, failure);
  if (!failure && chmod(beside.c_str(), 0755) == 0 && rename(beside.c_str(), copy.c_str()) == 0) {
    return {};
  }
  const auto reason =
      fmt::format("copy {}: {}", program, failure ? failure.message() : strerrordesc_np(errno));
  unlink(beside.c_str());
  if (failure == std::errc::no_space_on_device && access(copy.c_str(), X_OK) == 0) {
    log::Error("{}: sandboxes get the one of before", reason);
    return {};
  }
  return Fail(Code::kUnavailable, reason);
}

// Two nodes on one journal would undo each other's work, and on one set of sockets take them from
// each other.
aio::Task<Result<void>> OciDriver::TakeOver(Deadline deadline) {
  const auto give_up =
      Deadline::At(std::min(deadline.when(), Deadline::After(kTakeOverTime).when()));
  for (const std::string& directory : {config_.data_dir + "/node", config_.run_dir}) {
    auto locked = MakeDirectory(directory, 0755);
    if (locked) {
      locked = co_await Lock(directory, give_up);
    }
    if (!locked) {
      co_return locked;
    }
  }
  co_return co_await LockGroups(give_up);
}

// With directories of its own but the same control groups, a second node would take the first one's
// sandboxes for strays. Nothing can be locked in a cgroup file system, so a name stands for it,
// which goes with this process.
aio::Task<Result<void>> OciDriver::LockGroups(Deadline deadline) {
  const auto name = "paddock-node-cgroups/" + config_.cgroup_root;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (name.size() + 1 >= sizeof address.sun_path) {
    co_return Fail(Code::kInvalid, "--cgroup-root: too long");
  }
  name.copy(address.sun_path + 1, name.size());  // after a NUL: not in the file system
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  UniqueFd lock(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  // NOLINTNEXTLINE: the C interface
  while (bind(lock.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0) {
    if (errno != EADDRINUSE || deadline.Passed()) {
      co_return Fail(Code::kUnavailable,
                     fmt::format("another node of Paddock has its control groups in '{}'",
                                 config_.cgroup_root));
    }
    co_await PauseFor(kLockInterval);
  }
  locks_.push_back(std::move(lock));
  co_return Result<void>{};
}

// A child of a killed node may hold the lock for the moment that it takes to become the runtime.
aio::Task<Result<void>> OciDriver::Lock(std::string directory, Deadline deadline) {
  const auto path = directory + "/lock";
  UniqueFd lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock) {
    co_return Fail(Code::kUnavailable, fmt::format("open {}: {}", path, strerrordesc_np(errno)));
  }
  while (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (deadline.Passed()) {
      co_return Fail(Code::kUnavailable,
                     fmt::format("another node of Paddock is at work in {}", directory));
    }
    co_await PauseFor(kLockInterval);
  }
  locks_.push_back(std::move(lock));
  co_return Result<void>{};
}

// A runtime is good when it starts a program on this host with all that a sandbox has.
aio::Task<Result<void>> OciDriver::ChooseRuntime(Deadline deadline) {
  const auto memory = config_.data_dir + "/node/runtime.json";
  const auto host = DescribeHost(config_.runtime);
  if (auto known = RecallRuntime(memory, host)) {
    runtime_ = *std::move(known);
    co_return Result<void>{};
  }
  auto candidates = co_await FindRuntimes(config_.runtime, deadline);
  if (!candidates) {
    co_return Fail(std::move(candidates).error());
  }
  Error last;
  for (const Runtime& candidate : *candidates) {
    auto works = co_await Probe(candidate, deadline);
    if (works) {
      RememberRuntime(memory, host, runtime_);
      co_return Result<void>{};
    }
    if (works.error().code == Code::kDiskFull) {
      // Nothing can be tried, but the sandboxes that there are want their node.
      log::Error("{} could not be tried: {}", candidate.version, works.error().message);
      runtime_ = candidate;
      co_return Result<void>{};
    }
    log::Warn("{} does not work on this host: {}", candidate.version, works.error().message);
    last = std::move(works).error();
  }
  co_return Fail(std::move(last).With("no OCI runtime works on this host"));
}

// Leaves `runtime` as the one in use.
aio::Task<Result<void>> OciDriver::Probe(Runtime runtime, Deadline deadline) {
  runtime_ = std::move(runtime);
  const auto root = config_.data_dir + "/node/probe";
  for (const char* directory : {"", "/proc", "/dev", "/.paddock"}) {
    if (auto made = MakeDirectory(root + directory, 0755); !made) {
      co_return made;
    }
  }
  sandbox::Spec spec{.id = NewId<SandboxId>(),
                     .owner = NewId<UserId>(),
                     .image = "probe",
                     .limits = {},
                     .env = {},
                     .network = sandbox::Network::kNone};
  spec.limits.disk = 16_MiB;
  spec.limits.inode_count_max = 1024;
  ImageRoot image;
  image.pinned_name = "probe";
  image.path = root;
  auto machine = Register(spec, std::move(image));
  if (!machine) {
    co_return Fail(std::move(machine).error());
  }
  auto built = co_await Build(*machine, deadline);
  runtime_.seccomp_filter = ReadSeccompFilter(runtime_, FilesOf(spec.id), spec.id.value());
  auto buried = co_await Bury(*machine);
  co_return built ? std::move(buried) : std::move(built);
}

aio::Task<Result<void>> OciDriver::Save(Record record) {
  auto write = [this, saved = std::move(record)] { return journal_.Save(saved); };
  co_return co_await aio::Offload(sync_pool_, std::move(write));
}

aio::Task<Result<OciDriver::Held>> OciDriver::Hold(SandboxId id, Deadline deadline) {
  const auto found = machines_.find(id);
  if (found == machines_.end()) {
    co_return Fail(Code::kNotFound, fmt::format("no sandbox {}", id.value()));
  }
  MachinePtr machine = found->second;
  auto pass = co_await machine->turn.Enter(deadline);
  if (!pass) {
    co_return Fail(std::move(pass).error());
  }
  if (machine->is_gone) {
    co_return Fail(Code::kNotFound, fmt::format("no sandbox {}", id.value()));
  }
  co_return Held{.machine = std::move(machine), .pass = *std::move(pass)};
}

}  // namespace paddock::drivers::oci
