// ExternalDialer: connections to a registered database, by the rules of egress.
//
// Each connection asks for the name again, checks what it means now, and dials that.
// Used by OpenSession. Threading: loop thread. Ownership: what it refers to outlives it.
#pragma once

#include "aio/task_scope.h"
#include "egress/rules.h"
#include "sql/engine.h"
#include "sqlrunner/link/dial.h"

namespace paddock::sqlrunner {

class ExternalDialer final : public sql::Dialer {
 public:
  ExternalDialer(ExternalAddress address, const egress::Rules& rules, aio::TaskScope& relays)
      : address_(std::move(address)), rules_(rules), relays_(relays) {}

  /// Fails as egress::Connect and BeginTls.
  [[nodiscard]] aio::Task<Result<UniqueFd>> Dial(Deadline deadline) override;

 private:
  ExternalAddress address_;
  const egress::Rules& rules_;
  aio::TaskScope& relays_;
};

}  // namespace paddock::sqlrunner
