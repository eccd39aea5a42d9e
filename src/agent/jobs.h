// Jobs: every process that somebody asked for, from its start until nothing of it is left.
//
// Used by exec channels, terminals and the boot script. When the process ends, or is given up,
// all that it ever started is killed, what it used is read, and its cgroup goes.
//
// Threading: loop thread. Ownership: the Jobs own the work; a JobHandle is the asker's interest in
// it. Dropping the handle kills everything, and no handler is called any more.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "agent/cgroups.h"
#include "agent/children.h"
#include "agent/loop.h"
#include "agent/spawn.h"
#include "base/result.h"

namespace paddock::agent {

struct JobEnd {
  ExitStatus status;  // of the process itself; its figures cover the whole job where they can
  std::chrono::microseconds wall_time{0};
  bool timed_out = false;
};

struct JobSpec {
  SpawnSpec spawn;
  GroupClass group_class = GroupClass::kJob;
  GroupLimits limits;
  std::optional<std::chrono::milliseconds> timeout;
  bool leaves_processes = false;  // what the process started may outlive it
  bool is_service = false;        // of the sandbox itself: ends after all that use it
};

struct JobHandlers {
  /// The program runs, or why it cannot (kInvalid); after an error nothing else is called.
  std::function<void(Result<void>)> on_started;
  /// All is over: no process of the job is left, unless the spec leaves them.
  std::function<void(const JobEnd&)> on_end;
};

class Jobs;

class JobHandle {
 public:
  JobHandle() = default;
  JobHandle(JobHandle&& other) noexcept
      : jobs_(std::exchange(other.jobs_, nullptr)), number_(other.number_) {}
  JobHandle& operator=(JobHandle&& other) noexcept;
  JobHandle(const JobHandle&) = delete;
  JobHandle& operator=(const JobHandle&) = delete;
  ~JobHandle() { Reset(); }

  /// Kills everything, also what was left behind; on_end follows unless it came already.
  void Kill();
  /// Asks everything to end: a terminal's processes by a hang-up, others by SIGTERM. What is left
  /// after `grace` is killed, as by Kill.
  void End(std::chrono::milliseconds grace);
  /// To the process itself, or to everything it ever started.
  void Signal(int signal, bool everything);
  /// Whether any process of the job is left.
  [[nodiscard]] bool IsAlive() const;
  void Reset();

 private:
  friend class Jobs;
  JobHandle(Jobs* jobs, std::uint64_t number) : jobs_(jobs), number_(number) {}
  Jobs* jobs_ = nullptr;
  std::uint64_t number_ = 0;
};

class Jobs {
 public:
  struct Started {
    JobHandle handle;
    Spawned spawned;
  };

  /// `cgroups` may be null: then a shepherd keeps each job together.
  Jobs(Loop& loop, Children& children, Cgroups* cgroups);
  ~Jobs();
  Jobs(const Jobs&) = delete;
  Jobs& operator=(const Jobs&) = delete;

  /// Fails with kExhausted or kUnavailable, as Spawn does. No handler is called before it returns.
  [[nodiscard]] Result<Started> Start(JobSpec spec, JobHandlers handlers);

  /// Ends all but services, as JobHandle::End does.
  void EndUsers(std::chrono::milliseconds grace);
  /// Whether any job but services is left.
  [[nodiscard]] bool has_users() const;
  /// Kills also what jobs without a handle have left behind.
  void KillAbandoned();

  [[nodiscard]] bool has_cgroups() const noexcept { return cgroups_ != nullptr; }
  [[nodiscard]] std::size_t count() const noexcept { return jobs_.size(); }

 private:
  friend class JobHandle;
  class Job;

  Job* Find(std::uint64_t number);

  Loop& loop_;
  Children& children_;
  Cgroups* cgroups_;
  std::map<std::uint64_t, std::unique_ptr<Job>> jobs_;
  std::uint64_t next_ = 0;
};

}  // namespace paddock::agent
