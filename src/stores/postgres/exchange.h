// Exchange: one transaction as it goes to the server and comes back, result by result.
//
// A segment is what is sent up to a Sync: the server runs it as one transaction, unless it begins
// one itself. Used by Pipeline. Threading: loop thread only.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <libpq-fe.h>

#include "base/deadline.h"
#include "base/result.h"
#include "store/database.h"
#include "stores/postgres/values.h"

namespace paddock::stores::postgres {

using Outcome = Result<std::vector<store::Rows>>;

/// What a session has prepared: the names, by statement. What has no room is not prepared, but
/// parsed each time: programs have few statements, and one that makes them up should not grow.
class PreparedStatements {
 public:
  /// The name, when it is prepared.
  [[nodiscard]] const std::string* Find(const std::string& key) const;
  /// A name for what is going to be prepared; none when there is no room or it is on its way.
  [[nodiscard]] std::optional<std::string> Reserve(const std::string& key);
  void Confirm(const std::string& key);
  void Forget(const std::string& key);

 private:
  struct Entry {
    std::string name;
    bool is_ready = false;
  };
  std::unordered_map<std::string, Entry> by_key_;
  std::size_t named_count_ = 0;
};

class Exchange {
 public:
  /// kInternal: a statement is wrong in itself.
  [[nodiscard]] static Result<std::shared_ptr<Exchange>> Make(
      const boost::asio::any_io_executor& executor,
      store::Transaction transaction,
      Deadline deadline);
  explicit Exchange(const boost::asio::any_io_executor& executor) : done(executor) {}

  /// Sends the first segment. False: libpq has lost the connection.
  [[nodiscard]] bool Send(PGconn* handle, PreparedStatements& prepared);
  /// Takes one result of the segment; false when none was expected.
  [[nodiscard]] bool Take(const PGresult& result, PreparedStatements& prepared);
  /// At a segment's end: sends the next one, and returns false; or says that it was the last.
  [[nodiscard]] bool IsOver(PGconn* handle);

  /// Once it is over.
  [[nodiscard]] Outcome TakeOutcome();
  /// It has changed nothing and may be sent again, as if for the first time.
  [[nodiscard]] bool MayRetry() const { return may_retry_ && attempt_ < kAttemptsMax; }

  /// Whoever is behind must wait until it is over: its guards are looked at before its commit.
  [[nodiscard]] bool is_interlocked() const noexcept { return is_interlocked_; }
  /// The session's prepared statements are not what we think.
  [[nodiscard]] bool is_confused() const noexcept { return is_confused_; }
  [[nodiscard]] Deadline deadline() const noexcept { return deadline_; }

  // Of Pipeline::Run, which waits for it.
  std::optional<Outcome> outcome;
  boost::asio::steady_timer done;
  bool abandoned = false;

 private:
  static constexpr int kAttemptsMax = 5;
  enum class Phase { kStatements, kDecision };
  enum class Kind { kControl, kPrepare, kStatement };
  struct Step {
    Kind kind = Kind::kControl;
    std::size_t index = 0;  // of the statement
  };

  [[nodiscard]] bool SendControl(PGconn* handle, const char* sql);
  [[nodiscard]] bool SendTimeout(PGconn* handle);
  [[nodiscard]] bool SendStatement(PGconn* handle, PreparedStatements& prepared, std::size_t index);
  void TakeRows(const PGresult& result, std::size_t index);
  void Fails(Error error);
  void CheckGuard(std::size_t index);

  store::Transaction statements_;
  std::vector<EncodedStatement> encoded_;
  Deadline deadline_ = Deadline::Never();
  bool is_interlocked_ = false;

  Phase phase_ = Phase::kStatements;
  std::deque<Step> expected_;
  std::vector<store::Rows> rows_;
  std::optional<Error> error_;
  bool may_retry_ = false;
  bool is_confused_ = false;
  int attempt_ = 0;
};
using ExchangePtr = std::shared_ptr<Exchange>;

}  // namespace paddock::stores::postgres
