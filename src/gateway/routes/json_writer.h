// The name by which routes that are being written know base/json_writer.h.
#pragma once

#include "base/json_writer.h"  // IWYU pragma: export
