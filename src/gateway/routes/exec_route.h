// ExecRoute: POST /api/v1/sandboxes/{id}/exec, one command to its end.
#pragma once

#include <memory>

#include "gateway/router.h"
#include "gateway/routes/context.h"

namespace paddock::gateway {

class ExecRoute {
 public:
  explicit ExecRoute(ApiContext& context);
  void AddTo(Router& router);

 private:
  [[nodiscard]] Result<std::shared_ptr<void>> Admit(Request& request);
  [[nodiscard]] aio::Task<Response> Exec(Request& request);

  ApiContext& context_;
  Histogram& exec_time_;
};

/// The command that `text` asks for. kInvalid, naming the field.
[[nodiscard]] Result<sandbox::ExecSpec> ReadExecSpec(std::string_view text);

}  // namespace paddock::gateway
