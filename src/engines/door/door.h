// Door: lets a client library that can only connect by itself talk over a descriptor that was
// dialled elsewhere.
//
// The library connects to a socket in a directory that nobody but this user can enter. Then the
// dialled descriptor takes the place of the library's own, under the same number: nothing is
// relayed, so nothing is buffered, copied or delayed, and back-pressure is the socket's own.
// Used by engines/postgres and engines/mariadb. Threading: any one thread at a time. Ownership:
// the directory and the socket are gone with the object.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace paddock::engines {

class Door {
 public:
  /// The socket's name, which is what libpq looks for at port 1.
  static constexpr const char* kSocketName = ".s.PGSQL.1";

  /// In a new directory in `parent`. Fails with kUnavailable, kInvalid (a path that is too long).
  [[nodiscard]] static Result<Door> Open(const std::filesystem::path& parent);
  Door(Door&& other) noexcept;
  Door& operator=(Door&&) = delete;
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;
  ~Door();

  [[nodiscard]] const std::filesystem::path& directory() const noexcept { return directory_; }
  [[nodiscard]] std::filesystem::path socket_path() const { return directory_ / kSocketName; }

  /// The library has just connected, by `library_fd`: it is `dialled` from now on, and whatever the
  /// library has sent before is sent there. It does not block. Fails with kUnavailable.
  [[nodiscard]] Result<void> Admit(int library_fd, UniqueFd dialled);

  /// Waits, for a few seconds at most, for one who connects and sends `size` bytes, and hangs up on
  /// them. Blocks. Fails with kUnavailable.
  [[nodiscard]] Result<std::string> TakeMessage(std::size_t size);

  /// Nobody comes in any more, and whoever waits outside is hung up on.
  void Shut() { listener_.Reset(); }

  /// Takes the connection away from a library that is about to close it in its own way: what it
  /// still sends goes nowhere, at once. Fails with kExhausted.
  [[nodiscard]] static Result<UniqueFd> Withdraw(int library_fd);

 private:
  Door(std::filesystem::path directory, UniqueFd listener)
      : directory_(std::move(directory)), listener_(std::move(listener)) {}
  [[nodiscard]] Result<UniqueFd> Accept();

  std::filesystem::path directory_;
  UniqueFd listener_;
};

}  // namespace paddock::engines
