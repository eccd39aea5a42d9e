// paddock doctor: says whether this host can run sandboxes, and how to mend what is missing.
#pragma once

#include <span>

namespace paddock::app {

/// See commands.h. Fails when no sandbox could be started; warnings alone are a success.
[[nodiscard]] int DoctorCommand(std::span<char*> arguments);

}  // namespace paddock::app
