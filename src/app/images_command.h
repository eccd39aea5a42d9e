// paddock images list|build|rm: the images of this host, for its operator.
#pragma once

#include <span>

namespace paddock::app {

/// See commands.h. `build` and `rm` need root.
[[nodiscard]] int ImagesCommand(std::span<char*> arguments);

}  // namespace paddock::app
