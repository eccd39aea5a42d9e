// DatabaseRoutes: databases outside, which admins register for everybody with an account to read.
//
// Threading: loop thread only.
#pragma once

#include "databases/registry.h"
#include "gateway/router.h"
#include "gateway/routes/context.h"
#include "gateway/routes/sql_probe.h"

namespace paddock::gateway {

class DatabaseRoutes {
 public:
  explicit DatabaseRoutes(ApiContext& context) : context_(context) {}
  void AddTo(Router& router);

 private:
  [[nodiscard]] aio::Task<Response> List(Request& request);
  [[nodiscard]] aio::Task<Response> Add(Request& request);
  [[nodiscard]] aio::Task<Response> Change(Request& request);
  [[nodiscard]] aio::Task<Response> Remove(Request& request);
  [[nodiscard]] aio::Task<Response> Test(Request& request);

  /// Fails like SqlProbe::Run.
  [[nodiscard]] aio::Task<Result<ProbeOutcome>> Probe(databases::Dsn dsn) const;
  /// The text of a DSN that was tried. kInvalid, kUnavailable.
  [[nodiscard]] aio::Task<Result<void>> CheckDsn(std::string text);

  ApiContext& context_;
};

}  // namespace paddock::gateway
