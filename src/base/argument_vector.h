// PointersTo: texts as execve and its like take them.
//
// Used by whoever starts a program. Threading: any. Ownership: the texts stay the caller's, and
// stay as they are while the result is used.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace paddock {

/// With a null pointer behind them.
[[nodiscard]] inline std::vector<char*> PointersTo(std::span<const std::string> texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts) {
    pointers.push_back(const_cast<char*>(text.c_str()));  // NOLINT: execve's type lacks const
  }
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace paddock
