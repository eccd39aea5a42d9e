// WireReader and the Put functions: big-endian fields of both protocols.
//
// Used by the decoders and encoders of this part, and by who reads frames without a FrameReader.
// Not thread-safe; no allocation but that of the string written to.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace paddock::protocol {

/// Reads fields from the front of `bytes`, which must outlive the reader and every view it gave.
/// A read past the end gives zeros and makes ok() false for good, so one check at the end is
/// enough.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : rest_(bytes) {}

  std::uint8_t U8() { return Number<std::uint8_t>(); }
  std::uint16_t U16() { return Number<std::uint16_t>(); }
  std::uint32_t U32() { return Number<std::uint32_t>(); }
  std::uint64_t U64() { return Number<std::uint64_t>(); }

  /// A u16 length and that many bytes. More than `bytes_max` is a failure.
  std::string_view Text(std::size_t bytes_max) {
    const std::size_t size = U16();
    return size > bytes_max ? Bad() : Bytes(size);
  }
  std::string_view Bytes(std::size_t count) {
    if (count > rest_.size()) {
      return Bad();
    }
    const auto taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  /// All that is left.
  std::string_view Rest() { return Bytes(rest_.size()); }

  /// Marks the message as malformed.
  std::string_view Bad() {
    ok_ = false;
    rest_ = {};
    return {};
  }
  void Require(bool condition) {
    if (!condition) {
      Bad();
    }
  }

  [[nodiscard]] bool ok() const noexcept { return ok_; }
  /// True when every read succeeded and no byte is left.
  [[nodiscard]] bool Done() const noexcept { return ok_ && rest_.empty(); }
  [[nodiscard]] bool empty() const noexcept { return rest_.empty(); }

 private:
  template <std::unsigned_integral T>
  T Number() {
    std::uint64_t value = 0;
    for (const char byte : Bytes(sizeof(T))) {
      value = (value << 8U) | static_cast<std::uint8_t>(byte);
    }
    return static_cast<T>(value);
  }

  std::string_view rest_;
  bool ok_ = true;
};

/// Writes `value` to `out`, most significant byte first.
template <std::unsigned_integral T>
void Store(char* out, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    const auto shift = 8U * (sizeof(T) - 1 - i);
    out[i] = static_cast<char>((std::uint64_t{value} >> shift) & 0xffU);
  }
}

template <std::unsigned_integral T>
void Put(std::string& out, T value) {
  char bytes[sizeof(T)];
  Store(bytes, value);
  out.append(bytes, sizeof(T));
}

/// A u16 length and the bytes. The caller has checked that they are at most kTextBytesMax.
inline void PutText(std::string& out, std::string_view text) {
  Put(out, static_cast<std::uint16_t>(text.size()));
  out.append(text);
}

}  // namespace paddock::protocol
