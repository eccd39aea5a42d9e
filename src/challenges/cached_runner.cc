#include "challenges/cached_runner.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include <openssl/evp.h>

#include "base/check.h"

namespace paddock::challenges {
namespace {

/// SHA-256 over parts that each begin with their size, so that no two lists of parts are one text.
class PartsHash {
 public:
  // Both cost more than hashing a query: the algorithm is looked up once, and the context is one.
  PartsHash() : context_(Context()) {
    static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    PADDOCK_CHECK(EVP_DigestInit_ex2(context_, algorithm, nullptr) == 1);
  }

  void Number(std::uint64_t number) {
    PADDOCK_CHECK(EVP_DigestUpdate(context_, &number, sizeof number) == 1);
  }
  void Text(std::string_view text) {
    Number(text.size());
    PADDOCK_CHECK(EVP_DigestUpdate(context_, text.data(), text.size()) == 1);
  }
  std::array<unsigned char, 32> Finish() {
    std::array<unsigned char, 32> digest{};
    PADDOCK_CHECK(EVP_DigestFinal_ex(context_, digest.data(), nullptr) == 1);
    return digest;
  }

 private:
  struct Freer {
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
  };
  static EVP_MD_CTX* Context() {
    static thread_local const std::unique_ptr<EVP_MD_CTX, Freer> context(EVP_MD_CTX_new());
    return context.get();
  }

  EVP_MD_CTX* context_;
};

std::size_t ByteCount(const RunOutcome& outcome) {
  constexpr std::size_t kOverhead = 512;  // the entry, its key and what points to it
  std::size_t bytes = kOverhead;
  for (const auto* const sets : {&outcome.results, &outcome.checks}) {
    for (const ResultSet& set : *sets) {
      bytes += sizeof(ResultSet) + set.rows.byte_count();
      for (const sql::Column& column : set.columns) {
        bytes += sizeof(sql::Column) + column.name.size() + column.type.size();
      }
    }
  }
  if (outcome.error) {
    bytes += outcome.error->message.size() + outcome.error->hint.size();
  }
  return bytes;
}

// An error of the learner's is the same again; what a limit cut off may not be.
bool MayBeKept(const RunOutcome& outcome) {
  return outcome.deterministic && outcome.limit == LimitHit::kNone;
}

std::size_t PlaceOf(sql::Dialect dialect) { return static_cast<std::size_t>(dialect); }

}  // namespace

CachedRunner::CachedRunner(Runner& runner, CachedRunnerConfig config, Now now)
    : runner_(runner), config_(config), now_(std::move(now)) {}

std::size_t CachedRunner::KeyHash::operator()(const Key& key) const noexcept {
  std::size_t hash = 0;  // any part of a good hash is one
  std::memcpy(&hash, key.data(), sizeof hash);
  return hash;
}

CachedRunner::Key CachedRunner::KeyOf(const RunRequest& request) {
  PartsHash hash;
  hash.Text(engine_versions_.at(PlaceOf(request.schema->dialect)));
  hash.Text(request.schema->digest);
  hash.Text(request.query);
  hash.Number(request.checks.size());
  for (const std::string& check : request.checks) {
    hash.Text(check);
  }
  hash.Number(request.shims);
  hash.Number(static_cast<std::uint64_t>(request.limits.time.count()));
  hash.Number(request.limits.rows);
  hash.Number(request.limits.bytes);
  hash.Number(request.limits.cell_bytes);
  hash.Number(request.limits.results);
  return hash.Finish();
}

aio::Task<Result<RunOutcomeRef>> CachedRunner::Run(RunRequest request, Deadline deadline) {
  const Key key = KeyOf(request);
  for (;;) {
    if (const Error* const failed = FindFailed(*request.schema)) {
      ++counts_.failed_schemas;
      co_return Fail(*failed);
    }
    if (auto found = Find(key)) {
      ++counts_.hits;
      co_return found;
    }
    const auto flying = flights_.find(key);
    if (flying == flights_.end()) {
      break;
    }
    const std::shared_ptr<Flight> flight = flying->second;
    auto landed = co_await flight->landed.Wait(deadline);
    if (!landed) {
      co_return Fail(std::move(landed).error());
    }
    if (flight->outcome != nullptr) {
      ++counts_.joined;
      co_return flight->outcome;
    }
    // Theirs was cancelled, cut, or by chance: it is nobody else's.
  }
  ++counts_.misses;
  auto outcome = co_await Fly(std::move(request), key, deadline);
  co_return outcome;
}

aio::Task<Result<RunOutcomeRef>> CachedRunner::Fly(RunRequest request, Key key, Deadline deadline) {
  const auto flight = std::make_shared<Flight>();
  flights_.emplace(key, flight);
  auto outcome = co_await runner_.Run(request, deadline);
  if (outcome && MayBeKept(**outcome)) {
    flight->outcome = *outcome;
    Keep(request, key, *outcome);
  } else if (!outcome && outcome.error().code == Code::kInvalid) {
    KeepFailed(*request.schema, outcome.error());
  }
  flights_.erase(key);
  flight->landed.NotifyAll();
  co_return outcome;
}

const Error* CachedRunner::FindFailed(const Schema& schema) {
  while (!failed_.empty() && now_() >= failed_.front().expires) {
    failed_.pop_front();
  }
  const auto found = std::ranges::find(failed_, schema.digest, &FailedSchema::digest);
  return found == failed_.end() ? nullptr : &found->error;
}

void CachedRunner::KeepFailed(const Schema& schema, const Error& error) {
  failed_.push_back(
      {.digest = schema.digest, .error = error, .expires = now_() + config_.failed_lifetime});
  if (failed_.size() > config_.failed_schemas_max) {
    failed_.pop_front();
  }
}

RunOutcomeRef CachedRunner::Find(const Key& key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) {
    return nullptr;
  }
  const auto entry = found->second;
  if (now_() >= entry->expires) {
    Erase(entry);
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, entry);
  if (!entry->outcome->cached) {
    // Not when it was kept: most are never asked for again.
    RunOutcome copy = *entry->outcome;
    copy.cached = true;
    entry->outcome = std::make_shared<const RunOutcome>(std::move(copy));
  }
  return entry->outcome;
}

void CachedRunner::Keep(const RunRequest& request, Key key, const RunOutcomeRef& outcome) {
  const std::size_t bytes = ByteCount(*outcome);
  if (bytes > config_.outcome_bytes_max) {
    return;
  }
  if (auto& version = engine_versions_.at(PlaceOf(request.schema->dialect));
      version != outcome->engine_version) {
    version = outcome->engine_version;
    key = KeyOf(request);  // with the version that it was really made by
  }
  if (const auto old = by_key_.find(key); old != by_key_.end()) {
    Erase(old->second);
  }
  entries_.push_front(
      {.key = key, .outcome = outcome, .bytes = bytes, .expires = now_() + config_.lifetime});
  by_key_.emplace(key, entries_.begin());
  bytes_ += bytes;
  ++counts_.kept;
  while (bytes_ > config_.bytes_max) {
    ++counts_.evicted;
    Erase(std::prev(entries_.end()));
  }
}

void CachedRunner::Erase(std::list<Entry>::iterator entry) {
  bytes_ -= entry->bytes;
  by_key_.erase(entry->key);
  entries_.erase(entry);
}

}  // namespace paddock::challenges
