// ExternalDialer: connections to a registered database, by the rules of egress.
//
// Each connection asks for the name again, checks what it means now, and dials that.
// Used by OpenSession. Threading: loop thread. Ownership: what it refers to outlives it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "aio/task_scope.h"
#include "egress/rules.h"
#include "sql/engine.h"
#include "sqlrunner/link/dial.h"
#include "sqlrunner/mariadb_tls.h"

namespace paddock::sqlrunner {

class ExternalDialer final : public sql::Dialer {
 public:
  /// `ca_file`: whom to trust; empty: whom this host trusts.
  ExternalDialer(ExternalAddress address,
                 const egress::Rules& rules,
                 aio::TaskScope& relays,
                 std::string ca_file = {})
      : address_(std::move(address)),
        rules_(rules),
        relays_(relays),
        ca_file_(std::move(ca_file)) {}

  /// Fails as egress::Connect, BeginPostgresTls and BeginMariadbTls.
  [[nodiscard]] aio::Task<Result<UniqueFd>> Dial(Deadline deadline) override;

  /// Why the last connection was closed before anybody was let in, where that is known here.
  [[nodiscard]] const std::optional<Error>& refusal() const { return *refusal_; }

 private:
  ExternalAddress address_;
  const egress::Rules& rules_;
  aio::TaskScope& relays_;
  std::string ca_file_;
  TlsRefusal refusal_ = std::make_shared<std::optional<Error>>();
};

}  // namespace paddock::sqlrunner
