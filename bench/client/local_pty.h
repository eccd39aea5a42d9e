// LocalPty: a program on a PTY of our own, the floor under every terminal figure.
//
// Owns the program: it is killed and waited for at the end.
#pragma once

#include <sys/types.h>

#include <span>
#include <string>
#include <vector>

#include "base/unique_fd.h"

namespace paddock::bench {

class LocalPty {
 public:
  explicit LocalPty(const std::vector<std::string>& argv);
  LocalPty(const LocalPty&) = delete;
  LocalPty& operator=(const LocalPty&) = delete;
  ~LocalPty();

  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  void Write(char byte) const;
  /// Bytes read; zero when the program is over.
  [[nodiscard]] std::size_t Read(std::span<char> space) const;

 private:
  UniqueFd fd_;
  pid_t pid_ = -1;
};

}  // namespace paddock::bench
