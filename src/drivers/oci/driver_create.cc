// The part of OciDriver that makes a sandbox and starts its agent.
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include "aio/offload.h"
#include "aio/process.h"
#include "base/log.h"
#include "drivers/oci/agent_exec.h"
#include "drivers/oci/agent_socket.h"
#include "drivers/oci/config.h"
#include "drivers/oci/driver.h"
#include "drivers/oci/launch.h"
#include "drivers/oci/machine_log.h"
#include "drivers/oci/pause.h"
#include "drivers/oci/spec_rules.h"

namespace paddock::drivers::oci {
namespace {

constexpr int kListenFd = 3;
constexpr std::chrono::milliseconds kGreetInterval{20};

Result<void> WriteFile(const std::string& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) {
    return Fail(Code::kUnavailable, fmt::format("write {}", path));
  }
  return {};
}

std::vector<std::string> AgentArguments(bool inherits_listener,
                                        const std::vector<DelegatedGroup>& groups,
                                        const std::string& boot) {
  std::vector<std::string> argv{
      kAgentPathInside, inherits_listener ? fmt::format("--listen-fd={}", kListenFd)
                                          : fmt::format("--listen-path={}", kAgentSocketInside)};
  std::string list;
  int place = kListenFd;
  for (const DelegatedGroup& group : groups) {
    list += fmt::format("{}{}:{}", list.empty() ? "" : ",", group.label, ++place);
  }
  if (!list.empty()) {
    argv.push_back("--cgroup-fds=" + list);
  }
  if (!boot.empty()) {
    argv.push_back("--boot=" + boot);
  }
  return argv;
}

std::map<std::string, std::string> MergeEnv(const ImageRoot& image, const sandbox::Info& info) {
  std::map<std::string, std::string> env = info.env;  // merge keeps what is there already
  auto from_image = image.env;
  env.merge(from_image);
  std::map<std::string, std::string> defaults{
      {"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
      {"HOME", "/root"},
      {"LANG", "C.UTF-8"}};
  env.merge(defaults);
  return env;
}

}  // namespace

aio::Task<Result<sandbox::Info>> OciDriver::Create(sandbox::Spec spec, Deadline deadline) {
  if (auto valid = CheckSpec(spec); !valid) {
    co_return Fail(std::move(valid).error());
  }
  if (deadline.Passed()) {
    co_return Fail(Code::kDeadlineExceeded, "deadline passed");
  }
  auto find = [this, name = spec.image] { return config_.find_image(name); };
  auto image = co_await aio::Offload(pool_, std::move(find));
  if (!image) {
    co_return Fail(std::move(image).error());
  }
  if (auto enough = CheckMinimum(spec, *image); !enough) {
    co_return Fail(std::move(enough).error());
  }
  if (auto room = DiskImages::CheckRoom(config_.data_dir); !room) {
    co_return Fail(std::move(room).error());
  }
  auto machine = Register(spec, *std::move(image));
  if (!machine) {
    co_return Fail(std::move(machine).error());
  }
  const MachinePtr made = *machine;
  auto pass = co_await made->turn.Enter(deadline);  // nobody else can hold it yet
  auto built = co_await Build(made, deadline);
  // Who has stopped waiting will never ask for it to be removed.
  const bool is_unwanted = co_await IsCancelled();
  if (built && is_unwanted) {
    built = Fail(Code::kCancelled, "cancelled");
  } else if (built && deadline.Passed()) {
    built = Fail(Code::kDeadlineExceeded, "deadline passed");
  }
  if (built) {
    built = co_await MarkRunning(made->record);
  }
  if (!built) {
    auto buried = co_await Bury(made);
    if (!buried) {
      log::Error("undo sandbox {}: {}", spec.id.value(), buried.error().message);
    }
    co_return Fail(std::move(built).error().With("create sandbox"));
  }
  tasks_.Spawn(Watch(made));
  co_return made->record.info;
}

// Takes the id before the first await, so that a second Create cannot take it too.
Result<OciDriver::MachinePtr> OciDriver::Register(const sandbox::Spec& spec, ImageRoot image) {
  if (machines_.contains(spec.id) || leaving_.contains(spec.id)) {
    return Fail(Code::kConflict, fmt::format("sandbox {} exists", spec.id.value()));
  }
  auto id_first = id_ranges_.Take();
  if (!id_first) {
    return Fail(std::move(id_first).error());
  }
  sandbox::Info info{.id = spec.id,
                     .owner = spec.owner,
                     .image = image.pinned_name,
                     .limits = spec.limits,
                     .env = spec.env,
                     .network = spec.network,
                     .state = sandbox::State::kCreating,
                     .failure = {},
                     .created_at = std::chrono::system_clock::now()};
  Record record{.info = std::move(info),
                .group = spec.owner,
                .id_first = *id_first,
                .pid = 0,
                .boot_id = BootId(),
                .image_root = image.path};
  auto machine = std::make_shared<Machine>(std::move(record));
  machine->image = std::move(image);
  machines_.emplace(spec.id, machine);
  return machine;
}

aio::Task<Result<void>> OciDriver::Build(MachinePtr machine, Deadline deadline) {
  const sandbox::Info& info = machine->record.info;
  auto add = [this, record = machine->record] { return journal_.Add(record); };
  auto added = co_await aio::Offload(pool_, std::move(add));
  if (!added) {
    co_return added;
  }
  // `paddock images rm` looks at the journals, so from here on it leaves the image alone; before,
  // it may have taken it away.
  if (access(machine->image.path.c_str(), F_OK) != 0) {
    co_return Fail(Code::kNotFound, fmt::format("image {} has just been removed", info.image));
  }
  auto built = co_await disks_.Make(journal_.DiskOf(info.id), info.limits.disk,
                                    info.limits.inode_count_max, deadline);
  if (!built) {
    co_return built;
  }
  // Before the caller hears of the sandbox its record and its disk must survive a power cut. That
  // takes the host's disk as long as the rest, so both go on at once.
  aio::TaskScope beside(executor_);
  Result<void> durable;
  beside.Spawn(MakeDurable(info.id, durable));
  built = co_await Boot(machine, deadline);
  co_await beside.Join();
  co_return built ? std::move(durable) : std::move(built);
}

aio::Task<void> OciDriver::MakeDurable(SandboxId id, Result<void>& outcome) {
  auto sync = [this, made = std::move(id)] { return journal_.Sync(made); };
  outcome = co_await aio::Offload(sync_pool_, std::move(sync));
}

// The last word before the answer.
aio::Task<Result<void>> OciDriver::MarkRunning(Record record) {
  auto mark = [this, running = std::move(record)] {
    auto saved = journal_.SaveLive(running);
    return saved ? journal_.MarkAnswered(running.info.id) : std::move(saved);
  };
  co_return co_await aio::Offload(pool_, std::move(mark));
}

// From a disk that exists to an agent that answers. The machine is running after it, but not yet
// journaled as that; when it fails, processes and cgroups may be left for the caller to remove.
aio::Task<Result<void>> OciDriver::Boot(MachinePtr machine, Deadline deadline) {
  Record& record = machine->record;
  auto grouped = cgroups_.Create(record.group, record.info.id,
                                 HostLimits(runtime_, record.info.limits), record.id_first);
  if (!grouped) {
    co_return grouped;
  }
  const bool passes = runtime_.passes_descriptors();
  auto groups = passes ? cgroups_.OpenDelegated(record.group, record.info.id)
                       : Result<std::vector<DelegatedGroup>>{};
  auto members = cgroups_.OpenMemberLists(record.group, record.info.id);
  auto birth_group = cgroups_.OpenBirthGroup(record.group, record.info.id);
  const auto run_directory = RunDirectoryOf(record.info.id);
  mkdir(run_directory.c_str(), 0700);  // if it fails, so does the next step
  auto listener = passes ? ListenOn(SocketOf(record.info.id)) : Result<UniqueFd>{};
  if (!groups || !members || !birth_group || !listener) {
    Error failure = !groups        ? std::move(groups).error()
                    : !members     ? std::move(members).error()
                    : !birth_group ? std::move(birth_group).error()
                                   : std::move(listener).error();
    co_return Fail(std::move(failure));
  }
  auto plan = PlanLaunch(*machine, listener->get(), *groups);
  if (!plan) {
    co_return Fail(std::move(plan).error());
  }
  plan->birth_group = birth_group->get();
  for (const UniqueFd& list : *members) {
    plan->group_fds.push_back(list.get());
  }
  auto pid = co_await RunRuntime(record, *std::move(plan), deadline);
  if (!pid) {
    co_return Fail(std::move(pid).error());
  }
  machine->pidfd.Reset(static_cast<int>(syscall(SYS_pidfd_open, *pid, 0)));
  if (!machine->pidfd) {
    const bool is_ended = errno == ESRCH;
    co_return Fail(is_ended ? Code::kUnavailable : Code::kExhausted,
                   is_ended ? "the agent ended at once" : "hold the agent: no descriptor");
  }
  machine->log = OpenMachineLog(*pid);
  record.pid = *pid;
  record.boot_id = BootId();
  record.info.state = sandbox::State::kRunning;
  record.info.failure.clear();
  // To close these waits for the kernel; nobody else needs to.
  boost::asio::post(pool_, [closed = *std::move(groups)] {});
  // Before the sandbox is answered for. Should this node be killed first, the next one finds it
  // still being created, or stopped, and ends what runs.
  auto limited = cgroups_.LimitProcessor(record.group, record.info.id, record.info.limits);
  if (!limited) {
    co_return limited;
  }
  co_return co_await Greet(machine, deadline);
}

Result<LaunchPlan> OciDriver::PlanLaunch(const Machine& machine,
                                         int listener,
                                         const std::vector<DelegatedGroup>& groups) {
  const Record& record = machine.record;
  const auto mount_point = config_.run_dir + "/mnt";
  OciConfig config{
      .root = RootUnder(mount_point),
      .host_name = "paddock",
      .agent_path = agent_copy_,
      .sqlite_helper_path = sqlite_helper_copy_,
      .argv = AgentArguments(listener >= 0, groups, machine.image.boot),
      .env = MergeEnv(machine.image, record.info),
      .cwd = "/",
      .user_namespace = runtime_.joins_namespaces() ? UserNamespaceUnder(mount_point) : "",
      .id_first = record.id_first,
      .shared_memory = Bytes{record.info.limits.memory.count / 2},
      .cgroup_path = cgroups_.PathOf(record.group, record.info.id),
      .seccomp_filter = runtime_.seccomp_filter};
  const auto bundle = RunDirectoryOf(record.info.id);
  if (auto written = WriteFile(bundle + "/config.json", FormatConfig(config)); !written) {
    return Fail(std::move(written).error());
  }
  LaunchPlan plan;
  plan.mount_point = mount_point;
  plan.image_root = record.image_root;
  plan.upper_image = journal_.DiskOf(record.info.id);
  plan.id_first = record.id_first;
  plan.log_name = "log";
  if (listener >= 0) {
    plan.passed_fds.push_back(listener);
  }
  for (const DelegatedGroup& group : groups) {
    plan.passed_fds.push_back(group.directory.get());
  }
  PlanRuntime(runtime_, FilesOf(record.info.id), record.info.id.value(), cgroups_, plan);
  return plan;
}

// The pid of the sandbox's first process. The descriptors in `plan` outlive the call. Only as many
// runtimes as there is work for start at once; a slow agent holds up nobody but its own sandbox.
aio::Task<Result<int>> OciDriver::RunRuntime(Record record, LaunchPlan plan, Deadline deadline) {
  auto turn = co_await launches_.Enter(deadline);
  if (!turn) {
    co_return Fail(std::move(turn).error());
  }
  const int birth_group = plan.birth_group;
  auto launch = Launch::Prepare(std::move(plan));
  if (!launch) {
    co_return Fail(std::move(launch).error());
  }
  auto child = aio::Process::Fork(*launch, birth_group);
  if (!child) {
    co_return Fail(std::move(child).error());
  }
  auto exit = co_await child->Wait(deadline);
  if (!exit) {
    co_return Fail(std::move(exit).error());
  }
  const auto bundle = RunDirectoryOf(record.info.id);
  if (!exit->is_success()) {
    const RuntimeFiles files = FilesOf(record.info.id);
    auto reason = launch->ReadFailure();
    if (reason.empty()) {
      reason = fmt::format("{}: {}: {}", runtime_.version, exit->Describe(), ReadRuntimeLog(files));
    }
    co_return Fail(Code::kUnavailable, std::move(reason));
  }
  int pid = 0;
  std::ifstream file(bundle + "/pid");
  file >> pid;
  if (!file || pid <= 1) {
    co_return Fail(Code::kUnavailable, "the runtime left no process id");
  }
  co_return pid;
}

aio::Task<Result<void>> OciDriver::Greet(MachinePtr machine, Deadline deadline) {
  if (!config_.greet_agent || machine->record.info.image == "probe") {
    co_return Result<void>{};
  }
  for (;;) {
    auto stream = co_await Reach(machine->record.info.id, deadline);
    if (!stream) {
      co_return Fail(std::move(stream).error());
    }
    auto greeted = co_await config_.greet_agent(*std::move(stream), deadline);
    if (greeted) {
      co_return greeted;
    }
    // An agent that makes its socket itself may not have come to that yet.
    if (runtime_.passes_descriptors() || greeted.error().code != Code::kUnavailable ||
        deadline.Passed()) {
      co_return Fail(std::move(greeted).error().With("the agent does not answer"));
    }
    co_await PauseFor(kGreetInterval);
  }
}

aio::Task<Result<UniqueFd>> OciDriver::Reach(SandboxId id, Deadline deadline) {
  if (runtime_.passes_descriptors()) {
    co_return ConnectTo(SocketOf(id));
  }
  auto files = FilesOf(id);
  auto stream = co_await ConnectByExec(runtime_, std::move(files), id.value(), deadline);
  co_return stream;
}

}  // namespace paddock::drivers::oci
