#include "stores/postgres/exchange.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "stores/postgres/connection.h"

namespace paddock::stores::postgres {
namespace {

constexpr std::size_t kPreparedMax = 256;
constexpr std::size_t kPreparedSizeMax = std::size_t{16} * 1024;  // longer ones are made up
constexpr std::chrono::milliseconds kTimeoutMax = std::chrono::hours(24);

// The server's limit for each statement: what is left of the deadline, and never none.
std::string TimeoutText(Deadline deadline) {
  const auto now = Deadline::Clock::now();
  auto left = kTimeoutMax;
  if (deadline.when() < now + kTimeoutMax) {
    left = std::chrono::ceil<std::chrono::milliseconds>(deadline.when() - now);
  }
  return std::to_string(std::max(left, std::chrono::milliseconds(1)).count());
}

}  // namespace

const std::string* PreparedStatements::Find(const std::string& key) const {
  const auto found = by_key_.find(key);
  return found != by_key_.end() && found->second.is_ready ? &found->second.name : nullptr;
}

std::optional<std::string> PreparedStatements::Reserve(const std::string& key) {
  if (by_key_.size() == kPreparedMax || key.size() > kPreparedSizeMax || by_key_.contains(key)) {
    return std::nullopt;
  }
  // A name is never used twice: what failed may be prepared nevertheless.
  ++named_count_;
  std::string name = fmt::format("s{}", named_count_);
  by_key_.emplace(key, Entry{.name = name});
  return name;
}

void PreparedStatements::Confirm(const std::string& key) {
  if (const auto found = by_key_.find(key); found != by_key_.end()) {
    found->second.is_ready = true;
  }
}

void PreparedStatements::Forget(const std::string& key) { by_key_.erase(key); }

Result<ExchangePtr> Exchange::Make(const boost::asio::any_io_executor& executor,
                                   store::Transaction transaction,
                                   Deadline deadline) {
  auto exchange = std::make_shared<Exchange>(executor);
  for (const store::Statement& statement : transaction) {
    auto encoded = EncodedStatement::Encode(statement);
    if (!encoded) {
      return Fail(std::move(encoded).error());
    }
    exchange->encoded_.push_back(*std::move(encoded));
  }
  // The guard of a lone statement that has changed nothing has nothing to undo.
  exchange->is_interlocked_ =
      transaction.size() > 1 &&
      std::ranges::any_of(transaction, [](const auto& each) { return each.if_none.has_value(); });
  exchange->statements_ = std::move(transaction);
  exchange->deadline_ = deadline;
  return exchange;
}

bool Exchange::Send(PGconn* handle, PreparedStatements& prepared) {
  ++attempt_;
  phase_ = Phase::kStatements;
  rows_.clear();
  error_.reset();
  may_retry_ = false;
  if (is_interlocked_ && !SendControl(handle, "BEGIN")) {
    return false;
  }
  if (!SendTimeout(handle)) {
    return false;
  }
  for (std::size_t index = 0; index < statements_.size(); ++index) {
    if (!SendStatement(handle, prepared, index)) {
      return false;
    }
  }
  return PQpipelineSync(handle) == 1;
}

bool Exchange::SendControl(PGconn* handle, const char* sql) {
  expected_.push_back({});
  return PQsendQueryParams(handle, sql, 0, nullptr, nullptr, nullptr, nullptr, 0) == 1;
}

bool Exchange::SendTimeout(PGconn* handle) {
  expected_.push_back({});
  const std::string text = TimeoutText(deadline_);
  const std::array<const char*, 1> values{text.c_str()};
  return PQsendQueryPrepared(handle, kSetTimeout, 1, values.data(), nullptr, nullptr, 0) == 1;
}

bool Exchange::SendStatement(PGconn* handle, PreparedStatements& prepared, std::size_t index) {
  const EncodedStatement& statement = encoded_[index];
  const auto values = statement.Pointers();
  const std::string key = statement.PreparedKey();
  const std::string* known = prepared.Find(key);
  const std::optional<std::string> name =
      known != nullptr ? std::optional(*known) : prepared.Reserve(key);
  if (known == nullptr && name) {
    expected_.push_back({.kind = Kind::kPrepare, .index = index});
    if (PQsendPrepare(handle, name->c_str(), statement.sql().c_str(), statement.count(),
                      statement.types()) == 0) {
      return false;
    }
  }
  expected_.push_back({.kind = Kind::kStatement, .index = index});
  const int sent =
      name
          ? PQsendQueryPrepared(handle, name->c_str(), statement.count(), values.data(),
                                statement.lengths(), statement.formats(), 0)
          : PQsendQueryParams(handle, statement.sql().c_str(), statement.count(), statement.types(),
                              values.data(), statement.lengths(), statement.formats(), 0);
  return sent == 1;
}

bool Exchange::Take(const PGresult& result, PreparedStatements& prepared) {
  if (expected_.empty()) {
    return false;
  }
  const Step step = expected_.front();
  expected_.pop_front();
  const bool is_success = IsSuccess(result);
  if (step.kind == Kind::kPrepare) {
    const std::string key = encoded_[step.index].PreparedKey();
    is_success ? prepared.Confirm(key) : prepared.Forget(key);
  }
  if (is_success) {
    if (step.kind == Kind::kStatement) {
      TakeRows(result, step.index);
    }
    return true;
  }
  // Of what comes after a failure, the server says only that it was not done.
  if (PQresultStatus(&result) != PGRES_PIPELINE_ABORTED) {
    const store::Statement* asked =
        step.kind == Kind::kStatement ? &statements_[step.index] : nullptr;
    SqlFailure failure = ReadFailure(result, asked);
    may_retry_ = may_retry_ || failure.may_retry;
    is_confused_ = is_confused_ || failure.is_confused;
    Fails(std::move(failure.error));
  }
  return true;
}

void Exchange::TakeRows(const PGresult& result, std::size_t index) {
  auto rows = ReadRows(result);
  if (!rows) {
    Fails(std::move(rows).error());
    return;
  }
  rows_.push_back(*std::move(rows));
  CheckGuard(index);
}

void Exchange::CheckGuard(std::size_t index) {
  const store::Statement& statement = statements_[index];
  if (statement.if_none && rows_.back().rows.empty() && rows_.back().changed_count == 0) {
    Fails(*statement.if_none);
  }
}

void Exchange::Fails(Error error) {
  if (!error_) {
    error_ = std::move(error);
  }
}

bool Exchange::IsOver(PGconn* handle) {
  if (!is_interlocked_ || phase_ == Phase::kDecision) {
    return true;
  }
  phase_ = Phase::kDecision;
  // What cannot be sent is found out by whoever flushes or reads next.
  [[maybe_unused]] const bool sent =
      SendControl(handle, error_ ? "ROLLBACK" : "COMMIT") && PQpipelineSync(handle) == 1;
  return false;
}

Outcome Exchange::TakeOutcome() {
  if (error_) {
    return Fail(*std::move(error_));
  }
  return std::move(rows_);
}

}  // namespace paddock::stores::postgres
