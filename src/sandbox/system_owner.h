// SystemOwner: who owns the sandboxes that servers have for themselves.
//
// Nobody's credential is ever for such an id, since ids of users are random and these begin with
// 65 bits that are zero. Each server has its own, so that several can share a node. Manager does
// not know these sandboxes: they are in no list, count in no quota, and no request reaches them;
// whoever makes one looks after it. Used by runners/hosted and Manager. Threading: any.
#pragma once

#include "model/ids.h"

namespace paddock::sandbox {

/// An owner that no other server has.
[[nodiscard]] UserId NewSystemOwner();

[[nodiscard]] bool IsSystemOwner(const UserId& owner) noexcept;

}  // namespace paddock::sandbox
