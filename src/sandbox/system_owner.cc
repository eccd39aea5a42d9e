#include "sandbox/system_owner.h"

#include <string>

namespace paddock::sandbox {

const UserId& SystemOwner() {
  static const UserId owner(std::string(kIdLength, 'a'));
  return owner;
}

}  // namespace paddock::sandbox
