// TextRun: one run, of a learner's text and of what is checked afterwards, on a session.
//
// Used by ServerRunner. Threading: loop thread. Ownership: what it is made of outlives it.
#pragma once

#include <chrono>
#include <string>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "challenges/runner.h"
#include "runners/server/kept_results.h"
#include "sql/engine.h"

namespace paddock::runners::server {

class TextRun {
 public:
  /// `begin` is when the run's own time began.
  TextRun(sql::Session& session,
          const challenges::RunRequest& request,
          std::chrono::steady_clock::time_point begin);

  /// What the run did. Fails with kUnavailable (the session is lost), kDeadlineExceeded (at
  /// `deadline`, before the run's own time was over) or kCancelled.
  [[nodiscard]] aio::Task<Result<challenges::RunOutcome>> Run(Deadline deadline);

 private:
  [[nodiscard]] bool is_whole() const noexcept { return outcome_.is_whole(); }
  [[nodiscard]] bool is_time_over() const;
  [[nodiscard]] aio::Task<Result<void>> RunText(std::string text, KeptResults& kept);
  [[nodiscard]] aio::Task<Result<void>> RunStatement(std::string statement,
                                                     std::size_t begin,
                                                     KeptResults& kept);
  [[nodiscard]] Result<void> Conclude(const Error& error, const KeptResults& kept);
  void TakeError(sql::StatementError error, std::size_t begin);
  [[nodiscard]] aio::Task<Result<void>> RunChecks();
  [[nodiscard]] aio::Task<Result<void>> RunCheck(std::string check, KeptResults& kept);

  sql::Session& session_;
  const challenges::RunRequest& request_;
  Deadline end_;  // of the run's own time
  Deadline deadline_ = Deadline::Never();
  challenges::RunOutcome outcome_;
};

}  // namespace paddock::runners::server
