#include "challenges/cached_runner.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include <openssl/evp.h>

#include "base/check.h"
#include "crypto/owned.h"

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
  static EVP_MD_CTX* Context() {
    static thread_local const crypto::Owned<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
    return context.get();
  }

  EVP_MD_CTX* context_;
};

// An error of the learner's is the same again; what a limit cut off may not be.
bool MayBeKept(const RunOutcome& outcome) {
  return outcome.deterministic && outcome.limit == LimitHit::kNone;
}

std::size_t PlaceOf(sql::Dialect dialect) { return static_cast<std::size_t>(dialect); }

}  // namespace

CachedRunner::CachedRunner(Runner& runner, CachedRunnerConfig config, Now now)
    : runner_(runner), config_(config), now_(std::move(now)), outcomes_(config.outcomes, now_) {}

OutcomeCache::Key CachedRunner::KeyOf(const RunRequest& request) {
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
  const OutcomeCache::Key key = KeyOf(request);
  for (;;) {
    if (const Error* const failed = FindFailed(*request.schema)) {
      ++counts_.failed_schemas;
      co_return Fail(*failed);
    }
    if (auto found = outcomes_.Find(key)) {
      ++counts_.hits;
      co_return found;
    }
    const auto flying = flights_.find(key);
    if (flying == flights_.end()) {
      break;
    }
    if (flying->second == nullptr) {
      flying->second = std::make_shared<Flight>();
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

aio::Task<Result<RunOutcomeRef>> CachedRunner::Fly(RunRequest request,
                                                   OutcomeCache::Key key,
                                                   Deadline deadline) {
  const SchemaRef schema = request.schema;
  auto& version = engine_versions_.at(PlaceOf(schema->dialect));
  // When the version is not known yet, what it is found by afterwards is another key.
  const auto first = version.empty() ? std::optional<RunRequest>(request) : std::nullopt;
  flights_.emplace(key, nullptr);
  auto outcome = co_await runner_.Run(std::move(request), deadline);
  const auto flight = std::move(flights_.extract(key).mapped());
  if (outcome && MayBeKept(**outcome)) {
    if (flight != nullptr) {
      flight->outcome = *outcome;
    }
    const std::string& made_by = (*outcome)->engine_version;
    const bool is_known = std::exchange(version, made_by) == made_by;
    if (first) {
      outcomes_.Keep(KeyOf(*first), *outcome);
    } else if (is_known) {  // else of a database that has just been renewed
      outcomes_.Keep(key, *outcome);
    }
  } else if (!outcome && outcome.error().code == Code::kInvalid) {
    KeepFailed(*schema, outcome.error());
  }
  if (flight != nullptr) {
    flight->landed.NotifyAll();
  }
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

}  // namespace paddock::challenges
