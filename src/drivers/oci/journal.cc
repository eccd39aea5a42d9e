#include "drivers/oci/journal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>
#include <boost/json/value_to.hpp>
#include <fmt/format.h>

#include "base/log.h"
#include "base/unique_fd.h"

namespace paddock::drivers::oci {
namespace json = boost::json;
namespace fs = std::filesystem;

namespace {

constexpr int kVersion = 1;
constexpr std::size_t kFileMax = std::size_t{256} * 1024;  // the environment is most of it

// Whether a write must survive a power cut, or only the end of this process.
enum class Durability { kProcess, kPower };

constexpr auto kStates = std::to_array<sandbox::State>(
    {sandbox::State::kCreating, sandbox::State::kRunning, sandbox::State::kPaused,
     sandbox::State::kStopped, sandbox::State::kFailed, sandbox::State::kDestroyed});

std::unexpected<Error> FailErrno(std::string_view what, const std::string& path) {
  const Code code = errno == ENOSPC || errno == EDQUOT ? Code::kDiskFull : Code::kUnavailable;
  return Fail(code, fmt::format("{} {}: {}", what, path, strerrordesc_np(errno)));
}

Result<void> SyncDirectory(const std::string& path) {
  const UniqueFd directory(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory || fsync(directory.get()) != 0) {
    return FailErrno("sync", path);
  }
  return {};
}

json::object FormatLimits(const sandbox::Limits& limits) {
  return {{"memory_bytes", limits.memory.count},
          {"cpu_millis", limits.cpu.count},
          {"process_count_max", limits.process_count_max},
          {"disk_bytes", limits.disk.count},
          {"inode_count_max", limits.inode_count_max},
          {"lifetime_max_s", limits.lifetime_max.count()}};
}

sandbox::Limits ParseLimits(const json::object& object) {
  sandbox::Limits limits;
  limits.memory = Bytes{object.at("memory_bytes").to_number<std::uint64_t>()};
  limits.cpu = MilliCpu{object.at("cpu_millis").to_number<std::uint32_t>()};
  limits.process_count_max = object.at("process_count_max").to_number<int>();
  limits.disk = Bytes{object.at("disk_bytes").to_number<std::uint64_t>()};
  limits.inode_count_max = object.at("inode_count_max").to_number<std::uint64_t>();
  limits.lifetime_max = std::chrono::seconds(object.at("lifetime_max_s").to_number<std::int64_t>());
  return limits;
}

sandbox::State ParseState(std::string_view name) {
  const auto found =
      std::ranges::find(kStates, name, [](sandbox::State state) { return Name(state); });
  if (found == kStates.end()) {
    throw std::invalid_argument(fmt::format("unknown state '{}'", name));  // never guessed
  }
  return *found;
}

std::string TextOf(const json::object& object, std::string_view name) {
  return json::value_to<std::string>(object.at(name));
}

Record ReadRecord(const json::object& object) {
  const std::chrono::milliseconds created(object.at("created_at_ms").to_number<std::int64_t>());
  sandbox::Info info{
      .id = SandboxId(TextOf(object, "id")),
      .owner = UserId(TextOf(object, "owner")),
      .image = TextOf(object, "image"),
      .limits = ParseLimits(object.at("limits").as_object()),
      .env = json::value_to<std::map<std::string, std::string>>(object.at("env")),
      .network = sandbox::Network::kNone,
      .state = ParseState(TextOf(object, "state")),
      .failure = TextOf(object, "failure"),
      .created_at = std::chrono::system_clock::time_point(created),
  };
  // Sandboxes from before owners could change have the group of their owner.
  UserId group = object.contains("group") ? UserId(TextOf(object, "group")) : info.owner;
  return Record{.info = std::move(info),
                .group = std::move(group),
                .id_first = object.at("id_first").to_number<std::uint32_t>(),
                .pid = object.at("pid").to_number<int>(),
                .boot_id = TextOf(object, "boot_id"),
                .image_root = TextOf(object, "image_root")};
}

Result<void> Replace(const std::string& path, const std::string& text, Durability durability) {
  const auto beside = path + ".new";
  const UniqueFd file(open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file || write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    return FailErrno("write", beside);
  }
  if (durability == Durability::kPower && fdatasync(file.get()) != 0) {
    return FailErrno("sync", beside);
  }
  if (rename(beside.c_str(), path.c_str()) != 0) {
    return FailErrno("rename", beside);
  }
  return {};
}

Result<std::string> ReadWhole(const std::string& path) {
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text(kFileMax, '\0');
  const ssize_t count = file ? read(file.get(), text.data(), text.size()) : -1;
  if (count < 0) {
    const Code code = errno == ENOENT ? Code::kNotFound : Code::kUnavailable;
    return Fail(code, fmt::format("read {}: {}", path, strerrordesc_np(errno)));
  }
  text.resize(static_cast<std::size_t>(count));
  return text;
}

Result<Record> LoadFrom(const std::string& directory, const SandboxId& id) {
  auto text = ReadWhole(directory + "/journal.json");
  if (!text) {
    return Fail(std::move(text).error());
  }
  auto record = ParseRecord(*text);
  if (record && record->info.id != id) {
    return Fail(Code::kInternal, "journal of another sandbox");
  }
  return record;
}

// What was true a moment ago, if the host has not rebooted since. Without it the record stands.
void AddLive(const std::string& path, Record& record) {
  const auto text = ReadWhole(path);
  if (!text) {
    return;
  }
  // Boost.JSON throws; nothing of it leaves this function.
  try {
    const json::value document = json::parse(*text);
    const json::object& live = document.as_object();
    if (live.at("version").to_number<int>() != kVersion || TextOf(live, "boot_id") != BootId()) {
      return;
    }
    const sandbox::State state = ParseState(TextOf(live, "state"));
    const int pid = live.at("pid").to_number<int>();
    record.info.state = state;
    record.pid = pid;
    record.boot_id = BootId();
  } catch (const std::exception& failure) {
    log::Warn("{}: {}", path, failure.what());
  }
}

std::vector<SandboxId> IdsIn(const std::string& directory) {
  std::vector<SandboxId> ids;
  std::error_code failure;
  for (fs::directory_iterator at(directory, failure), end; !failure && at != end;
       at.increment(failure)) {
    auto name = at->path().filename().string();
    if (IsIdText(name)) {
      ids.emplace_back(std::move(name));
    }
  }
  return ids;
}

}  // namespace

std::string FormatRecord(const Record& record) {
  const sandbox::Info& info = record.info;
  const auto created =
      std::chrono::duration_cast<std::chrono::milliseconds>(info.created_at.time_since_epoch());
  return json::serialize(json::object{{"version", kVersion},
                                      {"id", info.id.value()},
                                      {"owner", info.owner.value()},
                                      {"group", record.group.value()},
                                      {"image", info.image},
                                      {"image_root", record.image_root},
                                      {"limits", FormatLimits(info.limits)},
                                      {"env", json::value_from(info.env)},
                                      {"network", "none"},
                                      {"state", Name(info.state)},
                                      {"failure", info.failure},
                                      {"created_at_ms", created.count()},
                                      {"id_first", record.id_first},
                                      {"pid", record.pid},
                                      {"boot_id", record.boot_id}});
}

Result<Record> ParseRecord(std::string_view text) {
  // Boost.JSON throws; nothing of it leaves this function.
  try {
    const json::value document = json::parse(text);
    const json::object& object = document.as_object();
    if (object.at("version").to_number<int>() != kVersion) {
      return Fail(Code::kInternal, "journal of another version");
    }
    return ReadRecord(object);
  } catch (const std::exception& failure) {
    return Fail(Code::kInternal, fmt::format("damaged journal: {}", failure.what()));
  }
}

Result<Journal> Journal::Open(const std::string& node_directory, const std::string& run_directory) {
  const auto sandboxes = node_directory + "/sandboxes";
  const auto trash = node_directory + "/trash";
  for (const std::string& directory : {sandboxes, trash}) {
    std::error_code failure;
    fs::create_directories(directory, failure);
    if (failure || chmod(directory.c_str(), 0700) != 0) {
      return Fail(Code::kUnavailable, fmt::format("make {}: {}", directory, failure.message()));
    }
  }
  return Journal(sandboxes, trash, run_directory + "/sandboxes");
}

std::string Journal::DirectoryOf(const SandboxId& id) const {
  return fmt::format("{}/{}", directory_, id.value());
}

std::string Journal::DiskOf(const SandboxId& id) const { return DirectoryOf(id) + "/disk.img"; }

std::string Journal::LiveOf(const SandboxId& id) const {
  return fmt::format("{}/{}/live.json", live_, id.value());
}

Result<void> Journal::Add(const Record& record) const {
  const auto directory = DirectoryOf(record.info.id);
  if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return FailErrno("make", directory);
  }
  return Replace(directory + "/journal.json", FormatRecord(record), Durability::kProcess);
}

Result<void> Journal::Sync(const SandboxId& id) const {
  const auto directory = DirectoryOf(id);
  for (const std::string& path : {DiskOf(id), directory + "/journal.json"}) {
    const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file || fdatasync(file.get()) != 0) {
      return FailErrno("sync", path);
    }
  }
  auto synced = SyncDirectory(directory);
  return synced ? SyncDirectory(directory_) : std::move(synced);
}

Result<void> Journal::Save(const Record& record) const {
  const auto directory = DirectoryOf(record.info.id);
  auto replaced = Replace(directory + "/journal.json", FormatRecord(record), Durability::kPower);
  return replaced ? SyncDirectory(directory) : std::move(replaced);
}

Result<void> Journal::SaveLive(const Record& record) const {
  const json::object live{{"version", kVersion},
                          {"state", Name(record.info.state)},
                          {"pid", record.pid},
                          {"boot_id", record.boot_id}};
  return Replace(LiveOf(record.info.id), json::serialize(live), Durability::kProcess);
}

Result<void> Journal::MarkAnswered(const SandboxId& id) const {
  const auto path = DirectoryOf(id) + "/answered";
  const UniqueFd file(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  if (!file) {
    return FailErrno("make", path);
  }
  return {};
}

bool Journal::IsAnswered(const SandboxId& id) const {
  return access((DirectoryOf(id) + "/answered").c_str(), F_OK) == 0;
}

Result<Record> Journal::Load(const SandboxId& id) const {
  auto record = LoadFrom(DirectoryOf(id), id);
  if (record) {
    AddLive(LiveOf(id), *record);
  }
  return record;
}

std::vector<SandboxId> Journal::List() const { return IdsIn(directory_); }

Result<void> Journal::MoveToTrash(const SandboxId& id) const {
  const auto from = DirectoryOf(id);
  const auto to = fmt::format("{}/{}", trash_, id.value());
  if (rename(from.c_str(), to.c_str()) != 0 && errno != ENOENT) {
    return FailErrno("move to the trash:", from);
  }
  return {};
}

std::vector<Result<void>> Journal::Discard(const std::vector<SandboxId>& ids) const {
  std::vector<Result<void>> outcomes;
  outcomes.reserve(ids.size());
  for (const SandboxId& id : ids) {
    outcomes.push_back(MoveToTrash(id));
  }
  auto synced = SyncDirectory(trash_);
  if (synced) {
    synced = SyncDirectory(directory_);
  }
  for (Result<void>& outcome : outcomes) {
    if (outcome && !synced) {
      outcome = synced;
    }
  }
  return outcomes;
}

std::vector<SandboxId> Journal::ListTrash() const { return IdsIn(trash_); }

Result<Record> Journal::LoadTrash(const SandboxId& id) const {
  return LoadFrom(fmt::format("{}/{}", trash_, id.value()), id);
}

Result<void> Journal::RemoveTrash(const SandboxId& id) const {
  const auto directory = fmt::format("{}/{}", trash_, id.value());
  std::error_code failure;
  // The journal goes last: until then, a restarted node finds it and finishes the removal.
  fs::remove(directory + "/disk.img", failure);
  if (!failure) {
    fs::remove_all(directory, failure);
  }
  if (failure) {
    return Fail(Code::kUnavailable, fmt::format("remove {}: {}", directory, failure.message()));
  }
  return {};
}

std::string BootId() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string text;
  std::getline(file, text);
  return text;
}

}  // namespace paddock::drivers::oci
