// FileRoutes: the files of a sandbox as a directory sees them: list, stat, make, move, remove.
// What moves bytes is in transfer_routes.h. All through the agent: nothing here opens a path.
#pragma once

#include "gateway/router.h"
#include "gateway/routes/context.h"

namespace paddock::gateway {

class FileRoutes {
 public:
  explicit FileRoutes(ApiContext& context) : context_(context) {}
  void AddTo(Router& router);

 private:
  [[nodiscard]] aio::Task<Response> List(Request& request);
  [[nodiscard]] aio::Task<Response> Stat(Request& request);
  [[nodiscard]] aio::Task<Response> MakeDirectory(Request& request);
  [[nodiscard]] aio::Task<Response> Move(Request& request);
  [[nodiscard]] aio::Task<Response> Remove(Request& request);

  ApiContext& context_;
};

/// The path in ?`name`=, or in ?`name`_base64= when its bytes are not UTF-8. kInvalid unless it is
/// absolute, without NUL and without a component "..".
[[nodiscard]] Result<std::string> ReadPath(const Request& request, std::string_view name = "path");

/// ?`name`=true or false. kInvalid for anything else.
[[nodiscard]] Result<bool> ReadFlag(const Request& request, std::string_view name);

}  // namespace paddock::gateway
