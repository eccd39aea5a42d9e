#include "sandbox/registry.h"

#include <algorithm>
#include <set>
#include <utility>

namespace paddock::sandbox {

void Registry::AddPending(Info info) {
  const SandboxId id = info.id;
  Publish(EventType::kCreated, info);
  entries_.insert_or_assign(id,
                            Entry{.info = std::move(info), .changed_at = ++now_, .pending = true});
}

void Registry::Put(Info info) {
  const auto found = entries_.find(info.id);
  const bool is_moved = found != entries_.end() && found->second.info.owner != info.owner;
  if (is_moved) {
    PublishGone(found->second.info);
  }
  const bool is_new = found == entries_.end() || is_moved;  // for its owner
  const bool is_changed = is_new || found->second.info.state != info.state;
  if (is_changed) {
    Publish(is_new ? EventType::kCreated : EventType::kState, info);
  }
  const SandboxId id = info.id;
  entries_.insert_or_assign(id, Entry{.info = std::move(info), .changed_at = ++now_});
}

void Registry::Remove(const SandboxId& id) {
  auto found = entries_.extract(id);
  if (!found) {
    return;
  }
  removed_[id] = ++now_;
  PublishGone(std::move(found.mapped().info));
}

void Registry::SetOwner(const SandboxId& id, const UserId& owner) {
  const auto found = entries_.find(id);
  if (found != entries_.end()) {
    Info info = found->second.info;
    info.owner = owner;
    Put(std::move(info));
  }
}

const Info* Registry::Find(const SandboxId& id) const {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : &found->second.info;
}

std::vector<Info> Registry::OwnedBy(const UserId& owner) const {
  std::vector<Info> owned;
  for (const auto& [id, entry] : entries_) {
    if (entry.info.owner == owner) {
      owned.push_back(entry.info);
    }
  }
  std::ranges::sort(owned, std::ranges::greater(), &Info::created_at);
  return owned;
}

int Registry::CountOwnedBy(const UserId& owner) const {
  return static_cast<int>(std::ranges::count_if(
      entries_, [&](const auto& entry) { return entry.second.info.owner == owner; }));
}

int Registry::CountIn(State state) const {
  return static_cast<int>(std::ranges::count_if(
      entries_, [&](const auto& entry) { return entry.second.info.state == state; }));
}

void Registry::Merge(Moment asked_at, std::vector<Info> listed) {
  std::set<SandboxId> seen;
  for (Info& info : listed) {
    seen.insert(info.id);
    const auto removed = removed_.find(info.id);
    const auto known = entries_.find(info.id);
    const bool is_outdated =
        (removed != removed_.end() && removed->second > asked_at) ||
        (known != entries_.end() && (known->second.pending || known->second.changed_at > asked_at));
    if (!is_outdated) {
      Put(std::move(info));
    }
  }
  std::vector<SandboxId> gone;
  for (const auto& [id, entry] : entries_) {
    if (!seen.contains(id) && !entry.pending && entry.changed_at <= asked_at) {
      gone.push_back(id);
    }
  }
  std::ranges::for_each(gone, [this](const SandboxId& id) { Remove(id); });
  std::erase_if(removed_, [&](const auto& entry) { return entry.second <= asked_at; });
}

void Registry::PublishGone(Info info) {
  info.state = State::kDestroyed;
  Publish(EventType::kDestroyed, info);
}

void Registry::Publish(EventType type, const Info& info) {
  feed_.Publish({.type = type, .at = std::chrono::system_clock::now(), .info = info});
}

}  // namespace paddock::sandbox
