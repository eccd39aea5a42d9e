#include "playground/output_shelf.h"

#include <memory>
#include <utility>

#include <fmt/format.h>

#include "crypto/sha256.h"

namespace paddock::playground {
namespace {

constexpr std::size_t kCellOverhead = sizeof(std::optional<std::string>);

// Length before text, so that no two tables make one stream of bytes.
void AddText(std::string& stream, const std::optional<std::string>& text) {
  stream += text ? fmt::format("{}:", text->size()) : "-";
  stream += text.value_or("");
}

std::string StreamOf(const Output& output) {
  std::string stream = fmt::format("{} {};", output.header.size(), output.rows.size());
  for (const std::string& name : output.header) {
    AddText(stream, name);
  }
  for (const auto& row : output.rows) {
    for (const auto& cell : row) {
      AddText(stream, cell);
    }
  }
  return stream;
}

std::size_t BytesOf(const Output& output) {
  std::size_t bytes = sizeof(Output);
  for (const std::string& name : output.header) {
    bytes += kCellOverhead + name.size();
  }
  for (const auto& row : output.rows) {
    for (const auto& cell : row) {
      bytes += kCellOverhead + (cell ? cell->size() : 0);
    }
  }
  return bytes;
}

}  // namespace

std::string OutputShelf::Put(Output output, Clock::time_point now) {
  DropOld(now);
  std::string id = crypto::Sha256Of(StreamOf(output));
  if (const auto found = by_id_.find(id); found != by_id_.end()) {
    Use(found->second, now);
    return id;
  }
  const std::size_t bytes = BytesOf(output);
  entries_.push_front({.id = id,
                       .output = std::make_shared<const Output>(std::move(output)),
                       .bytes = bytes,
                       .used_at = now});
  by_id_.emplace(id, entries_.begin());
  bytes_ += bytes;
  DropOld(now);
  return id;
}

OutputRef OutputShelf::Find(const std::string& id, Clock::time_point now) {
  DropOld(now);
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) {
    return nullptr;
  }
  Use(found->second, now);
  return found->second->output;
}

void OutputShelf::Use(Entries::iterator entry, Clock::time_point now) {
  entry->used_at = now;
  entries_.splice(entries_.begin(), entries_, entry);
}

// The newest stays, however big: whoever put it will ask for it.
void OutputShelf::DropOld(Clock::time_point now) {
  while (entries_.size() > 1 ||
         (!entries_.empty() && now - entries_.back().used_at > kOutputTime)) {
    const Entry& oldest = entries_.back();
    if (bytes_ <= bytes_max_ && now - oldest.used_at <= kOutputTime) {
      return;
    }
    bytes_ -= oldest.bytes;
    by_id_.erase(oldest.id);
    entries_.pop_back();
  }
}

}  // namespace paddock::playground
