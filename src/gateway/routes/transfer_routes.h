// TransferRoutes: bytes into a sandbox and out of it: one file, or a tree as a tar.
//
// Streams piece by piece with back-pressure, so that a transfer of any size costs a few hundred KiB
// here. A file is replaced whole or not at all.
#pragma once

#include "gateway/router.h"
#include "gateway/routes/context.h"

namespace paddock::gateway {

class TransferRoutes {
 public:
  explicit TransferRoutes(ApiContext& context) : context_(context) {}
  void AddTo(Router& router);

 private:
  [[nodiscard]] aio::Task<Response> ReadFile(Request& request);
  [[nodiscard]] aio::Task<Response> WriteFile(Request& request);
  [[nodiscard]] aio::Task<Response> ReadTar(Request& request);
  [[nodiscard]] aio::Task<Response> WriteTar(Request& request);
  [[nodiscard]] Result<identity::UserQuota::Place> TakeTransfer(const Request& request);

  ApiContext& context_;
};

}  // namespace paddock::gateway
