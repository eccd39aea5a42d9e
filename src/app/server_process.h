// RunServer: the unprivileged half of `paddock serve`, as one process: loop, node client, manager,
// routes and HTTP server, wired together.
#pragma once

#include "app/serve_options.h"

namespace paddock::app {

/// Serves until SIGTERM or SIGINT; SIGHUP reads the certificate again. Returns the exit status.
[[nodiscard]] int RunServer(const ServeOptions& options);

}  // namespace paddock::app
