#include "sandbox/system_owner.h"

#include <string>

namespace paddock::sandbox {

const UserId& SystemOwner() {
  static const UserId kOwner(std::string(kIdLength, 'a'));
  return kOwner;
}

}  // namespace paddock::sandbox
