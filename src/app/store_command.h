// StoreCommand: `paddock store export|import FILE`, which move a store from one database to
// another.
//
// Used by main. Threading: blocks until it is done.
#pragma once

#include <span>

namespace paddock::app {

/// `arguments` begins with the verb. Returns the exit status: 0, 1 (it failed) or 2 (usage).
[[nodiscard]] int StoreCommand(std::span<char*> arguments);

}  // namespace paddock::app
