// QuestionsCommand: `paddock questions list|check|import`, which look after a server's questions.
//
// Used by main. A running server's store is the server's own, so that importing goes through its
// API with a token; a store that no server uses is opened here. Checking files needs neither.
// Threading: blocks until it is done.
#pragma once

#include <span>

namespace paddock::app {

/// `arguments` begins with the verb. Returns the exit status: 0, 1 (something was refused or
/// failed) or 2 (usage).
[[nodiscard]] int QuestionsCommand(std::span<char*> arguments);

}  // namespace paddock::app
