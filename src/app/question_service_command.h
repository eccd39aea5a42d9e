// `paddock question-service`: tells the front ends' gateway on another host, or in another process,
// what questions there are.
#pragma once

#include <span>

namespace paddock::app {

[[nodiscard]] int QuestionServiceCommand(std::span<char*> arguments);

}  // namespace paddock::app
