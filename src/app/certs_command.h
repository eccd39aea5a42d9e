// paddock certs init|server|client|list|renew: the certificates of services on several hosts.
#pragma once

#include <span>

namespace paddock::app {

/// See commands.h. Works on files only; nothing of Paddock needs to run.
[[nodiscard]] int CertsCommand(std::span<char*> arguments);

}  // namespace paddock::app
