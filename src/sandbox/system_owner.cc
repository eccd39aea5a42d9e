#include "sandbox/system_owner.h"

#include <string_view>

namespace paddock::sandbox {
namespace {

constexpr std::string_view kPrefix = "aaaaaaaaaaaaa";  // 'a' is the digit zero
static_assert(kPrefix.size() == kIdLength / 2);

}  // namespace

UserId NewSystemOwner() { return UserId(NewIdText().replace(0, kPrefix.size(), kPrefix)); }

bool IsSystemOwner(const UserId& owner) noexcept { return owner.value().starts_with(kPrefix); }

}  // namespace paddock::sandbox
