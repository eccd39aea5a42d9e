// Allowance: how much of the server one user may have.
//
// Made by whoever knows the user (the gateway's routes, from roles and classes), passed to
// Manager::Create. It never widens what the server allows: the smaller of the two counts, field by
// field. A value type; any thread.
#pragma once

#include "sandbox/driver.h"

namespace paddock::sandbox {

struct Allowance {
  int sandboxes_max = 0;  // stopped ones too; zero: none
  Limits max;             // of each sandbox
};

}  // namespace paddock::sandbox
