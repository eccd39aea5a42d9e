// Finding: what `paddock doctor` says about one matter of the host.
#pragma once

#include <cstdint>
#include <string>

namespace paddock::doctor {

enum class Grade : std::uint8_t {
  kGood,
  kWarning,  // Paddock works, with less speed, less safety or fewer tests
  kFailure,  // no sandbox can be started
};

struct Finding {
  Grade grade = Grade::kGood;
  std::string matter;  // "cgroups"
  std::string text;    // what was seen
  std::string remedy;  // what to do; empty when good
};

}  // namespace paddock::doctor
