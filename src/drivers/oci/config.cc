#include "drivers/oci/config.h"

#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "base/encoding.h"
#include "drivers/oci/seccomp_profile.h"

namespace paddock::drivers::oci {
namespace json = boost::json;

namespace {

json::object Mount(std::string_view target, std::string_view type, json::array options) {
  return {{"destination", target}, {"type", type}, {"source", type}, {"options", options}};
}

json::object ProgramMount(std::string_view target, std::string_view source) {
  return {{"destination", target},
          {"type", "bind"},
          {"source", source},
          {"options", {"bind", "ro", "nosuid", "nodev"}}};
}

json::array Mounts(const OciConfig& config) {
  const auto shared_size = fmt::format("size={}", config.shared_memory.count);
  json::array mounts{
      Mount("/proc", "proc", {"nosuid", "noexec", "nodev"}),
      Mount("/dev", "tmpfs", {"nosuid", "noexec", "strictatime", "mode=755", "size=64k"}),
      Mount("/dev/pts", "devpts",
            // Without a limit one sandbox could take all that the host's kernel has.
            {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5", "max=64"}),
      Mount("/dev/shm", "tmpfs", {"nosuid", "noexec", "nodev", "mode=1777", shared_size}),
      Mount("/dev/mqueue", "mqueue", {"nosuid", "noexec", "nodev"}),
  };
  mounts.push_back(ProgramMount(kAgentPathInside, config.agent_path));
  if (!config.sqlite_helper_path.empty()) {
    mounts.push_back(ProgramMount(kSqliteHelperInside, config.sqlite_helper_path));
  }
  return mounts;
}

json::object Capabilities() {
  const json::array kept{"CAP_CHOWN",  "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID",
                         "CAP_SETUID", "CAP_SETGID",       "CAP_KILL",   "CAP_NET_BIND_SERVICE"};
  return {{"bounding", kept}, {"effective", kept}, {"permitted", kept}};
}

json::object ProcessObject(const OciConfig& config) {
  json::array argv;
  for (const std::string& argument : config.argv) {
    argv.push_back(json::value(argument));
  }
  json::array env;
  for (const auto& [name, value] : config.env) {
    env.push_back(json::value(fmt::format("{}={}", name, value)));
  }
  return {{"terminal", false},      {"user", {{"uid", 0}, {"gid", 0}}},
          {"args", argv},           {"env", env},
          {"cwd", config.cwd},      {"capabilities", Capabilities()},
          {"noNewPrivileges", true}};
}

json::array Namespaces(const OciConfig& config) {
  json::object user{{"type", "user"}};
  if (!config.user_namespace.empty()) {
    user["path"] = config.user_namespace;
  }
  json::array namespaces{std::move(user)};
  for (const std::string_view type : {"pid", "mount", "ipc", "uts", "network", "cgroup"}) {
    namespaces.push_back(json::object{{"type", type}});
  }
  return namespaces;
}

json::object LinuxObject(const OciConfig& config) {
  const json::array ids{
      json::object{{"containerID", 0}, {"hostID", config.id_first}, {"size", kIdCountPerSandbox}}};
  return {
      {"namespaces", Namespaces(config)},
      {"uidMappings", ids},
      {"gidMappings", ids},
      {"cgroupsPath", config.cgroup_path},
      {"seccomp", config.seccomp_filter.empty() ? SeccompProfile() : SeccompRefusingAll()},
      {"maskedPaths",
       {"/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/key-users", "/proc/kmsg",
        "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug",
        "/proc/scsi", "/proc/interrupts", "/proc/kallsyms", "/proc/modules", "/proc/config.gz",
        "/proc/vmallocinfo", "/proc/slabinfo", "/proc/pagetypeinfo", "/sys/firmware"}},
      {"readonlyPaths",
       // The last four: a learner must not offer the agent, process 1, to the OOM killer.
       {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger", "/proc/1/oom_adj",
        "/proc/1/oom_score_adj", "/proc/1/task/1/oom_adj", "/proc/1/task/1/oom_score_adj"}}};
}

}  // namespace

std::string FormatConfig(const OciConfig& config) {
  json::object document{
      {"ociVersion", "1.0.0"},
      {"hostname", config.host_name},
      {"root", {{"path", config.root}, {"readonly", false}}},
      {"process", ProcessObject(config)},
      {"mounts", Mounts(config)},
      {"linux", LinuxObject(config)},
  };
  if (!config.seccomp_filter.empty()) {
    document["annotations"] = {{"run.oci.seccomp_bpf_data", Base64Encode(config.seccomp_filter)}};
  }
  return json::serialize(document);
}

}  // namespace paddock::drivers::oci
