// Results: the stored results of one session, by number.
//
// Used by Conversation's parts. Threading: loop thread.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/thread_pool.hpp>

#include "sqlrunner/client_message.h"
#include "sqlrunner/stored_result.h"

namespace paddock::sqlrunner {

inline constexpr std::size_t kResultsMax = 4;  // the oldest goes when one more begins

class Results {
 public:
  /// `pool` and `budget` outlive it.
  Results(std::string directory, boost::asio::thread_pool& pool, SpillBudget& budget)
      : directory_(std::move(directory)), pool_(pool), budget_(budget) {}

  using Begun = std::pair<ResultNumber, std::shared_ptr<StoredResult>>;

  /// Fails like StoredResult::Make.
  [[nodiscard]] Result<Begun> Begin(std::vector<sql::Column> columns) {
    while (results_.size() >= kResultsMax) {
      results_.erase(results_.begin());
    }
    auto made = StoredResult::Make(directory_, std::move(columns), pool_, budget_);
    if (!made) {
      return Fail(std::move(made).error());
    }
    const ResultNumber number = next_++;
    results_.emplace(number, *made);
    return Begun(number, *std::move(made));
  }

  /// Fails with kNotFound.
  [[nodiscard]] Result<std::shared_ptr<StoredResult>> Find(ResultNumber number) const {
    const auto found = results_.find(number);
    if (found == results_.end()) {
      return Fail(Code::kNotFound,
                  "this result is not kept any more: run the statement again to see its rows");
    }
    return found->second;
  }

  void Drop(ResultNumber number) { results_.erase(number); }

 private:
  std::string directory_;
  boost::asio::thread_pool& pool_;
  SpillBudget& budget_;
  std::map<ResultNumber, std::shared_ptr<StoredResult>> results_;
  ResultNumber next_ = 1;
};

}  // namespace paddock::sqlrunner
