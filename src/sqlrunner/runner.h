// Runner: takes the server's connections, each of which is one conversation.
//
// Used by `paddock sql-runner`. Threading: loop thread. Ownership: the engines outlive it; Shutdown
// before its destructor.
#pragma once

#include <sys/types.h>

#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include "aio/task_scope.h"
#include "base/unique_fd.h"
#include "sqlrunner/conversation.h"
#include "sqlrunner/session_opener.h"
#include "sqlrunner/spill_file.h"

namespace paddock::sqlrunner {

inline constexpr std::size_t kConversationsMax = 500;

class Runner {
 public:
  /// `engines` outlives it.
  Runner(boost::asio::any_io_executor executor, ConversationConfig config, const Engines& engines);

  /// Serves whoever of `users`, and root, connects to `listener`.
  void Serve(UniqueFd listener, std::vector<uid_t> users);

  [[nodiscard]] aio::Task<void> Shutdown();

 private:
  [[nodiscard]] aio::Task<void> AcceptForever(UniqueFd listener, std::vector<uid_t> users);
  [[nodiscard]] aio::Task<void> Converse(UniqueFd connection);

  boost::asio::any_io_executor executor_;
  ConversationConfig config_;
  const Engines& engines_;
  boost::asio::thread_pool pool_;
  SpillBudget budget_;
  std::size_t count_ = 0;
  aio::TaskScope scope_;
};

}  // namespace paddock::sqlrunner
