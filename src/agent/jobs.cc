#include "agent/jobs.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "agent/shepherd.h"

namespace paddock::agent {

namespace {

// A killed process can take its time only in the kernel (a disk that hangs). After so many looks,
// first often and then rarely, the job is reported as it stands.
constexpr int kLooksMax = 60;
constexpr std::chrono::milliseconds kFirstPause{1};
constexpr std::chrono::milliseconds kLongestPause{100};
constexpr std::chrono::milliseconds kLeavePause{1};
// How often a cgroup of processes left behind is looked at; nobody waits for it.
constexpr std::chrono::seconds kLeftBehindPause{10};

}  // namespace

// One job: running, then ending (its rest is being killed), then leaving (its cgroup is being
// removed). Removes itself from the table at the end.
class Jobs::Job {
 public:
  Job(Jobs& jobs, std::uint64_t number, JobSpec spec, std::unique_ptr<ProcessSet> set)
      : jobs_(jobs), number_(number), spec_(std::move(spec)), set_(std::move(set)) {}

  Result<Spawned> Start(JobHandlers handlers) {
    auto spawned = Spawn(spec_.spawn, *set_);
    if (!spawned) {
      return spawned;
    }
    handlers_ = std::move(handlers);
    pid_ = spawned->pid;
    started_at_ = Loop::Clock::now();
    set_->OnExit(jobs_.loop_, jobs_.children_, [this](const ExitStatus& end) { OnExit(end); });
    failure_ = std::move(spawned->failure);
    failure_watch_ =
        jobs_.loop_.Add(failure_.get(), EPOLLIN, [this](std::uint32_t) { OnStarted(); });
    if (spec_.timeout) {
      timer_ = jobs_.loop_.After(*spec_.timeout, [this] { OnTimeout(); });
    }
    return spawned;
  }

  // Killing everything ends the process too, and its end goes on from there.
  void Kill() {
    spec_.leaves_processes = false;
    kill_at_ = {};
    if (!exited_) {
      (void)kill(pid_, SIGKILL);
      timer_ = jobs_.loop_.After(kLongestPause, [this] { Kill(); });  // should anything hinder it
    }
    set_->Kill();
    if (has_left_) {  // sooner than the next look
      timer_ = jobs_.loop_.After(kFirstPause, [this] { Leave(); });
    }
  }

  // Asks everything to end, and kills what has not after `grace`.
  void End(Loop::Clock::duration grace) {
    spec_.leaves_processes = false;
    Signal(spec_.group_class == GroupClass::kInteractive ? SIGHUP : SIGTERM, true);
    Signal(SIGCONT, true);  // a stopped process would not hear the first
    if (!exited_ || has_left_) {
      kill_at_ = Loop::Clock::now() + grace;
      timer_ = jobs_.loop_.At(kill_at_, [this] { Kill(); });
    }
  }

  [[nodiscard]] bool is_service() const noexcept { return spec_.is_service; }
  [[nodiscard]] bool is_abandoned() const noexcept { return is_abandoned_; }

  void Abandon() {
    is_abandoned_ = true;
    handlers_ = {};
    if (!exited_) {
      Kill();
    }
  }

  [[nodiscard]] bool IsAlive() const { return !set_->IsEmpty(); }

  void Signal(int signal, bool everything) {
    if (everything) {
      for (const pid_t pid : set_->Members()) {
        (void)kill(pid, signal);
      }
    } else if (!exited_) {
      (void)kill(pid_, signal);
    }
  }

 private:
  void OnStarted() {
    failure_watch_.Reset();
    auto started = ReadFailure(failure_.get(), spec_.spawn);
    failure_.Reset();
    failed_ = !started;
    if (handlers_.on_started) {
      const auto handler = std::exchange(handlers_.on_started, nullptr);
      handler(std::move(started));
    }
  }

  // An end that came in time, and was not heard of yet, is no timeout.
  void OnTimeout() {
    if (!set_->HasEnded()) {
      end_.timed_out = true;
      Kill();
    }
  }

  void OnExit(const ExitStatus& status) {
    exited_ = true;
    timer_.Reset();
    end_.wall_time =
        std::chrono::duration_cast<std::chrono::microseconds>(Loop::Clock::now() - started_at_);
    end_.status = status;
    if (failure_) {  // so short a life that its beginning was not heard of yet
      OnStarted();
    }
    if (spec_.leaves_processes) {
      Report();
      LeaveSoon();
    } else {
      Finish();
    }
  }

  void Finish() {
    if (!set_->IsEmpty()) {
      if (Loop::Clock::now() >= kill_at_) {
        set_->Kill();
      }
      if (LookAgain([this] { Finish(); })) {
        return;
      }
    }
    looks_ = 0;
    Report();
    LeaveSoon();
  }

  // Whoever hears of the end is not kept waiting for the cgroups to go.
  void LeaveSoon() {
    timer_ = jobs_.loop_.After(kLeavePause, [this] { Leave(); });
  }

  void Report() {
    const auto usage = set_->Usage();
    end_.status.cpu_time = usage.cpu_time.value_or(end_.status.cpu_time);
    end_.status.memory_peak_bytes =
        std::max(usage.memory_peak_bytes.value_or(0),
                 usage.memory_peak_bytes ? 0 : end_.status.memory_peak_bytes);
    if (handlers_.on_end && !failed_) {
      const auto handler = std::exchange(handlers_.on_end, nullptr);
      handler(end_);
    }
    handlers_ = {};
  }

  // A process that was left behind keeps its cgroup for as long as it lives.
  void Leave() {
    has_left_ = true;
    if (spec_.leaves_processes && !set_->IsEmpty()) {
      timer_ = jobs_.loop_.After(kLeftBehindPause, [this] { Leave(); });
      return;
    }
    if (!set_->Remove() && LookAgain([this] { Leave(); })) {
      return;
    }
    jobs_.loop_.Defer([&jobs = jobs_, number = number_, group_class = spec_.group_class] {
      jobs.jobs_.erase(number);
      if (jobs.cgroups_ != nullptr) {
        jobs.cgroups_->KeepSpare(group_class);
      }
    });
  }

  bool LookAgain(std::function<void()> look) {
    if (++looks_ > kLooksMax) {
      return false;
    }
    const auto pause = kFirstPause * (1U << static_cast<unsigned>(std::min(looks_ - 1, 10)));
    timer_ =
        jobs_.loop_.After(std::min<Loop::Clock::duration>(pause, kLongestPause), std::move(look));
    return true;
  }

  Jobs& jobs_;
  std::uint64_t number_;
  JobSpec spec_;
  std::unique_ptr<ProcessSet> set_;
  JobHandlers handlers_;
  pid_t pid_ = -1;
  Loop::Clock::time_point started_at_;
  JobEnd end_;
  Loop::Clock::time_point kill_at_;  // until when what was asked to end may do so
  bool exited_ = false;
  bool failed_ = false;
  bool has_left_ = false;  // what remains of it is of no interest to anybody
  bool is_abandoned_ = false;
  int looks_ = 0;
  UniqueFd failure_;
  Watch failure_watch_;
  Timer timer_;
};

JobHandle& JobHandle::operator=(JobHandle&& other) noexcept {
  if (this != &other) {
    Reset();
    jobs_ = std::exchange(other.jobs_, nullptr);
    number_ = other.number_;
  }
  return *this;
}

void JobHandle::Kill() {
  if (auto* job = jobs_ != nullptr ? jobs_->Find(number_) : nullptr) {
    job->Kill();
  }
}

void JobHandle::End(std::chrono::milliseconds grace) {
  if (auto* job = jobs_ != nullptr ? jobs_->Find(number_) : nullptr) {
    job->End(grace);
  }
}

void JobHandle::Signal(int signal, bool everything) {
  if (auto* job = jobs_ != nullptr ? jobs_->Find(number_) : nullptr) {
    job->Signal(signal, everything);
  }
}

bool JobHandle::IsAlive() const {
  const auto* job = jobs_ != nullptr ? jobs_->Find(number_) : nullptr;
  return job != nullptr && job->IsAlive();
}

void JobHandle::Reset() {
  if (jobs_ != nullptr) {
    if (auto* job = jobs_->Find(number_)) {
      job->Abandon();
    }
    jobs_ = nullptr;
  }
}

Jobs::Jobs(Loop& loop, Children& children, Cgroups* cgroups)
    : loop_(loop), children_(children), cgroups_(cgroups) {}

Jobs::~Jobs() = default;

void Jobs::KillAbandoned() {
  for (const auto& [number, job] : jobs_) {
    if (job->is_abandoned()) {
      job->Kill();
    }
  }
}

void Jobs::EndUsers(std::chrono::milliseconds grace) {
  for (const auto& [number, job] : jobs_) {
    if (!job->is_service()) {
      job->End(grace);
    }
  }
}

bool Jobs::has_users() const {
  return std::ranges::any_of(jobs_, [](const auto& entry) { return !entry.second->is_service(); });
}

Jobs::Job* Jobs::Find(std::uint64_t number) {
  const auto found = jobs_.find(number);
  return found == jobs_.end() ? nullptr : found->second.get();
}

Result<Jobs::Started> Jobs::Start(JobSpec spec, JobHandlers handlers) {
  std::unique_ptr<ProcessSet> set;
  if (cgroups_ != nullptr) {
    auto made = cgroups_->Make(spec.group_class, spec.limits);
    if (!made) {
      return Fail(std::move(made).error());
    }
    set = *std::move(made);
  } else {
    set = MakeShepherdSet();
  }
  const auto number = ++next_;
  auto job = std::make_unique<Job>(*this, number, std::move(spec), std::move(set));
  auto spawned = job->Start(std::move(handlers));
  if (!spawned) {
    return Fail(std::move(spawned).error());
  }
  jobs_.emplace(number, std::move(job));
  return Started{.handle = JobHandle(this, number), .spawned = *std::move(spawned)};
}

}  // namespace paddock::agent
