// Checksum: SHA-256 of bytes that come in pieces.
//
// Used for the history of the schema and for exports. Threading: one object, one thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace paddock::store {

class Checksum {
 public:
  Checksum();
  Checksum(Checksum&&) noexcept;
  Checksum& operator=(Checksum&&) noexcept;
  Checksum(const Checksum&) = delete;
  Checksum& operator=(const Checksum&) = delete;
  ~Checksum();

  void Add(std::string_view bytes);
  /// 64 lower-case hexadecimal digits. Called once, at the end.
  [[nodiscard]] std::string Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

[[nodiscard]] std::string ChecksumOf(std::string_view bytes);

}  // namespace paddock::store
