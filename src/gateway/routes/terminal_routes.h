// TerminalRoutes: the terminals of a sandbox, and the WebSocket of each.
//
// The conversation on the socket is terminals/relay.h; here is who may open it.
#pragma once

#include <cstddef>
#include <map>

#include "gateway/router.h"
#include "gateway/routes/context.h"
#include "gateway/routes/terminal_index.h"

namespace paddock::gateway {

class TerminalRoutes {
 public:
  explicit TerminalRoutes(ApiContext& context) : context_(context) {}
  void AddTo(Router& router);

 private:
  [[nodiscard]] aio::Task<Response> Open(Request& request);
  [[nodiscard]] aio::Task<Response> List(Request& request);
  [[nodiscard]] aio::Task<Response> Get(Request& request);
  [[nodiscard]] aio::Task<Response> Close(Request& request);
  [[nodiscard]] aio::Task<Response> Attach(Request& request);

  [[nodiscard]] aio::Task<Result<TerminalIndex::Place>> Find(Request& request);

  ApiContext& context_;
  std::map<SandboxId, std::size_t> opening_;  // terminals that agents are being asked for
};

/// The terminal that `text` asks for, without its id. kInvalid, naming the field.
[[nodiscard]] Result<sandbox::TerminalSpec> ReadTerminalSpec(std::string_view text);

}  // namespace paddock::gateway
