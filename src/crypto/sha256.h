// Sha256: the digest of bytes as text, by which content is known and secrets are kept.
//
// Used wherever something is to be known by its content. Threading: one object, one thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace paddock::crypto {

/// Of bytes that come in pieces.
class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  ~Sha256();

  void Add(std::string_view bytes);
  /// 64 lower-case hexadecimal digits. Called once, at the end.
  [[nodiscard]] std::string Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

[[nodiscard]] std::string Sha256Of(std::string_view bytes);

}  // namespace paddock::crypto
