// FillRandom: bytes from the kernel's generator, for ids, tokens and keys.
//
// Thread-safe. Blocks only until the kernel has been seeded once, at boot.
#pragma once

#include <cstdint>
#include <span>

namespace paddock {

/// Fills `out`; terminates the process when the kernel refuses, since no caller can go on safely.
void FillRandom(std::span<std::uint8_t> out) noexcept;

}  // namespace paddock
