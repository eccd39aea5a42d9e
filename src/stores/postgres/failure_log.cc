#include "stores/postgres/failure_log.h"

#include "base/log.h"

namespace paddock::stores::postgres {

void FailureLog::Failed(const std::string& reason) {
  if (!is_lost_) {
    log::Warn("store: {}; connecting again", reason);
    is_lost_ = true;
  }
}

void FailureLog::Answered() {
  if (is_lost_) {
    log::Info("store: PostgreSQL answers again");
    is_lost_ = false;
  }
}

}  // namespace paddock::stores::postgres
