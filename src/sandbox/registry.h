// Registry: what the server knows of the sandboxes, in memory.
//
// The node is the authority; this is its mirror, so that a request need not ask it. Changed by
// Manager with what its own calls bring about at once, and corrected by Merge with what the driver
// lists. A list is old when it arrives: what changed after it was asked for wins over it.
//
// Threading: loop thread only. Ownership: the feed outlives the registry.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "sandbox/driver.h"
#include "sandbox/event_feed.h"

namespace paddock::sandbox {

class Registry {
 public:
  explicit Registry(EventFeed& feed) : feed_(feed) {}

  /// A sandbox that is being created by this server; no list touches it until Put.
  void AddPending(Info info);
  /// What is true of `info.id` from now on.
  void Put(Info info);
  /// Gives it to somebody else: gone for the old owner, new for the new one. Unknown ids are fine.
  void SetOwner(const SandboxId& id, const UserId& owner);
  /// It is gone, or was never made. Unknown ids are fine.
  void Remove(const SandboxId& id);

  /// Null when unknown; valid until the next change.
  [[nodiscard]] const Info* Find(const SandboxId& id) const;
  [[nodiscard]] std::vector<Info> OwnedBy(const UserId& owner) const;  // newest first
  [[nodiscard]] int CountOwnedBy(const UserId& owner) const;
  [[nodiscard]] int CountIn(State state) const;
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

  /// A moment in this registry's history: taken before the driver is asked to list.
  using Moment = std::uint64_t;
  [[nodiscard]] Moment Now() const noexcept { return now_; }
  /// Takes over `listed`, which the driver was asked for at `asked_at`.
  void Merge(Moment asked_at, std::vector<Info> listed);

 private:
  struct Entry {
    Info info;
    Moment changed_at = 0;
    bool pending = false;
  };
  void Publish(EventType type, const Info& info);
  void PublishGone(Info info);

  EventFeed& feed_;
  Moment now_ = 0;
  std::map<SandboxId, Entry> entries_;
  std::map<SandboxId, Moment> removed_;  // since the last Merge was asked for
};

}  // namespace paddock::sandbox
