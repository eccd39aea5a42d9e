// AdminLinkCommand: `paddock admin-link`, a link that makes one more admin: for whoever has lost
// the last admin's password.
#pragma once

#include <span>

namespace paddock::app {

[[nodiscard]] int AdminLinkCommand(std::span<char*> arguments);

}  // namespace paddock::app
