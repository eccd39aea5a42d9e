// Owned: OpenSSL's objects with owners, and bytes as its functions want them.
//
// Used by every part that calls OpenSSL. Threading: any.
// Ownership: as std::unique_ptr's.
#pragma once

#include <memory>
#include <string_view>

namespace paddock::crypto {

template <auto kFree>
struct Freer {
  template <class T>
  void operator()(T* object) const noexcept {
    kFree(object);
  }
};

/// Such as Owned<EVP_PKEY, EVP_PKEY_free>.
template <class T, auto kFree>
using Owned = std::unique_ptr<T, Freer<kFree>>;

[[nodiscard]] inline const unsigned char* Unsigned(std::string_view bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

/// The caller has bounded them to less than 2 GiB.
[[nodiscard]] inline int Length(std::string_view bytes) noexcept {
  return static_cast<int>(bytes.size());
}

}  // namespace paddock::crypto
