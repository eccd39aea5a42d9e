#include "rpc/node_messages.h"

#include <chrono>
#include <map>
#include <string>

namespace paddock::rpc {
namespace v1 = node::v1;
using std::chrono::duration_cast;
using std::chrono::milliseconds;

namespace {

void FillLimits(const sandbox::Limits& limits, v1::Limits& out) {
  out.set_memory_bytes(limits.memory.count);
  out.set_cpu_millis(limits.cpu.count);
  out.set_process_count_max(limits.process_count_max);
  out.set_disk_bytes(limits.disk.count);
  out.set_inode_count_max(limits.inode_count_max);
  out.set_lifetime_max_s(limits.lifetime_max.count());
}

sandbox::Limits LimitsOf(const v1::Limits& message) {
  return sandbox::Limits{.memory = Bytes{message.memory_bytes()},
                         .cpu = MilliCpu{message.cpu_millis()},
                         .process_count_max = message.process_count_max(),
                         .disk = Bytes{message.disk_bytes()},
                         .inode_count_max = message.inode_count_max(),
                         .lifetime_max = std::chrono::seconds(message.lifetime_max_s())};
}

v1::State ToState(sandbox::State state) {
  switch (state) {
    case sandbox::State::kCreating: return v1::STATE_CREATING;
    case sandbox::State::kRunning: return v1::STATE_RUNNING;
    case sandbox::State::kPaused: return v1::STATE_PAUSED;
    case sandbox::State::kStopped: return v1::STATE_STOPPED;
    case sandbox::State::kFailed: return v1::STATE_FAILED;
    case sandbox::State::kDestroyed: return v1::STATE_DESTROYED;
  }
  return v1::STATE_FAILED;  // unreachable for valid values
}

sandbox::State StateOf(v1::State state) {
  switch (state) {
    case v1::STATE_CREATING: return sandbox::State::kCreating;
    case v1::STATE_RUNNING: return sandbox::State::kRunning;
    case v1::STATE_PAUSED: return sandbox::State::kPaused;
    case v1::STATE_STOPPED: return sandbox::State::kStopped;
    case v1::STATE_DESTROYED: return sandbox::State::kDestroyed;
    default: return sandbox::State::kFailed;
  }
}

template <class Map>
std::map<std::string, std::string> MapOf(const Map& map) {
  return {map.begin(), map.end()};
}

}  // namespace

void Fill(const sandbox::Spec& spec, v1::CreateRequest& out) {
  out.set_id(spec.id.value());
  out.set_owner(spec.owner.value());
  out.set_image(spec.image);
  FillLimits(spec.limits, *out.mutable_limits());
  out.mutable_env()->insert(spec.env.begin(), spec.env.end());
  out.set_network(v1::NETWORK_NONE);
}

sandbox::Spec SpecOf(const v1::CreateRequest& message) {
  return sandbox::Spec{.id = SandboxId(message.id()),
                       .owner = UserId(message.owner()),
                       .image = message.image(),
                       .limits = LimitsOf(message.limits()),
                       .env = MapOf(message.env()),
                       .network = sandbox::Network::kNone};
}

void Fill(const sandbox::Info& info, v1::Sandbox& out) {
  out.set_id(info.id.value());
  out.set_owner(info.owner.value());
  out.set_image(info.image);
  FillLimits(info.limits, *out.mutable_limits());
  out.mutable_env()->insert(info.env.begin(), info.env.end());
  out.set_network(v1::NETWORK_NONE);
  out.set_state(ToState(info.state));
  out.set_failure(info.failure);
  out.set_created_at_ms(duration_cast<milliseconds>(info.created_at.time_since_epoch()).count());
}

sandbox::Info InfoOf(const v1::Sandbox& message) {
  const milliseconds created(message.created_at_ms());
  return sandbox::Info{.id = SandboxId(message.id()),
                       .owner = UserId(message.owner()),
                       .image = message.image(),
                       .limits = LimitsOf(message.limits()),
                       .env = MapOf(message.env()),
                       .network = sandbox::Network::kNone,
                       .state = StateOf(message.state()),
                       .failure = message.failure(),
                       .created_at = std::chrono::system_clock::time_point(created)};
}

void Fill(const sandbox::Capabilities& capabilities, v1::Capabilities& out) {
  out.set_engine(capabilities.engine);
  out.set_pause(capabilities.pause);
  out.set_stop_and_start(capabilities.stop_and_start);
  out.set_snapshot(capabilities.snapshot);
  out.set_exec_cgroups(capabilities.exec_cgroups);
  for (const std::string& sentence : capabilities.missing) {
    out.add_missing(sentence);
  }
  for (const sandbox::ImageSummary& image : capabilities.images) {
    v1::ImageSummary& summary = *out.add_images();
    summary.set_name(image.name);
    summary.set_digest(image.digest);
    summary.mutable_description()->insert(image.description.begin(), image.description.end());
  }
}

sandbox::Capabilities CapabilitiesOf(const v1::Capabilities& message) {
  sandbox::Capabilities capabilities;
  capabilities.engine = message.engine();
  capabilities.pause = message.pause();
  capabilities.stop_and_start = message.stop_and_start();
  capabilities.snapshot = message.snapshot();
  capabilities.exec_cgroups = message.exec_cgroups();
  capabilities.missing.assign(message.missing().begin(), message.missing().end());
  for (const v1::ImageSummary& image : message.images()) {
    capabilities.images.push_back({.name = image.name(),
                                   .digest = image.digest(),
                                   .description = MapOf(image.description())});
  }
  return capabilities;
}

void Fill(const sandbox::Usage& usage, v1::Usage& out) {
  out.set_memory_bytes(usage.memory.count);
  out.set_memory_peak_bytes(usage.memory_peak.count);
  out.set_cpu_time_us(usage.cpu_time.count());
  out.set_process_count(usage.process_count);
  out.set_disk_bytes(usage.disk.count);
  out.set_inode_count(usage.inode_count);
}

void Fill(const std::vector<sandbox::Info>& infos, v1::SandboxList& out) {
  for (const sandbox::Info& info : infos) {
    Fill(info, *out.add_sandboxes());
  }
}

void Fill(const std::string& log_text, v1::LogText& out) { out.set_text(log_text); }

sandbox::Usage UsageOf(const v1::Usage& message) {
  return sandbox::Usage{.memory = Bytes{message.memory_bytes()},
                        .memory_peak = Bytes{message.memory_peak_bytes()},
                        .cpu_time = std::chrono::microseconds(message.cpu_time_us()),
                        .process_count = message.process_count(),
                        .disk = Bytes{message.disk_bytes()},
                        .inode_count = message.inode_count()};
}

}  // namespace paddock::rpc
