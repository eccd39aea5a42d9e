// SystemOwner: who owns the sandboxes that the server has for itself.
//
// Nobody's credential is ever for that id, since ids of users are random. Manager does not know
// these sandboxes: they are in no list, count in no quota, and no request reaches them; whoever
// makes one looks after it. Used by runners/hosted and Manager. Threading: any.
#pragma once

#include "model/ids.h"

namespace paddock::sandbox {

[[nodiscard]] const UserId& SystemOwner();

}  // namespace paddock::sandbox
