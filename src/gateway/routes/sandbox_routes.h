// SandboxRoutes: /api/v1/sandboxes: create, list, show, destroy, stats, logs.
#pragma once

#include "gateway/router.h"
#include "gateway/routes/context.h"
#include "identity/audit_log.h"
#include "sandbox/manager.h"

namespace paddock::gateway {

class SandboxRoutes {
 public:
  explicit SandboxRoutes(ApiContext& context) : context_(context) {}
  void AddTo(Router& router);

 private:
  [[nodiscard]] aio::Task<Response> Create(Request& request);
  [[nodiscard]] Response List(const Request& request) const;
  [[nodiscard]] Response Get(const Request& request) const;
  [[nodiscard]] aio::Task<Response> Destroy(Request& request);
  [[nodiscard]] aio::Task<Response> Stats(Request& request);
  [[nodiscard]] aio::Task<Response> Logs(Request& request);

  [[nodiscard]] Result<sandbox::SandboxRequest> ReadRequest(
      const Request& request, const sandbox::Allowance& allowance) const;
  /// What an admin does as somebody else is on the record.
  [[nodiscard]] aio::Task<void> NoteActing(const Request& request,  // outlives the task
                                           identity::AuditAction action,
                                           SandboxId id);
  [[nodiscard]] Result<sandbox::Info> Find(const Request& request) const;

  ApiContext& context_;
};

}  // namespace paddock::gateway
