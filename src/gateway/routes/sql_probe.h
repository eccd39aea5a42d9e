// SqlProbe: asks the SQL runner to open a database, only to learn whether that works.
//
// Used by DatabaseRoutes: what an admin registers is tried first, by the process that will use it
// and by its rules. Threading: loop thread. Ownership: Run once, to its end.
#pragma once

#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "aio/condition.h"
#include "aio/task_scope.h"
#include "base/deadline.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "sqlrunner/link/dial.h"
#include "sqlrunner/link/framed_socket.h"

namespace paddock::gateway {

struct ProbeOutcome {
  std::string version;
  std::string user;
};

class SqlProbe {
 public:
  SqlProbe(const boost::asio::any_io_executor& executor,
           UniqueFd runner,
           sqlrunner::ExternalAddress address);

  /// Fails with kInvalid, in the runner's words for the admin: the address is not allowed, nobody
  /// answers, the user may write; and with kUnavailable when the runner itself does not answer.
  [[nodiscard]] aio::Task<Result<ProbeOutcome>> Run(Deadline deadline);

 private:
  [[nodiscard]] aio::Task<void> Converse();
  [[nodiscard]] aio::Task<Result<ProbeOutcome>> Ask();
  [[nodiscard]] aio::Task<Result<void>> Answer(std::string payload);

  sqlrunner::FramedSocket runner_;
  sqlrunner::ExternalAddress address_;
  aio::TaskScope scope_;
  aio::Condition changed_;
  std::optional<Result<ProbeOutcome>> outcome_;
};

}  // namespace paddock::gateway
