// SeccompProfile: the system calls a sandbox may make, as the `linux.seccomp` object of an OCI
// configuration.
//
// An allow-list: what is not named fails with EPERM, clone3 with ENOSYS (so that libc falls back to
// clone, whose flags can be checked), socket families that are not offered with EAFNOSUPPORT. Calls
// of the 32-bit and x32 interfaces are killed, because their numbers mean something else.
// Pure; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>

namespace paddock::drivers::oci {

[[nodiscard]] boost::json::object SeccompProfile();

/// For a runtime that takes the compiled profile instead: should it not, no program can start.
[[nodiscard]] boost::json::object SeccompRefusingAll();

/// Pairs of (mask, value) such that a 32-bit x satisfies (x & mask) == value for exactly one pair
/// when x is not among `excluded`, and for none otherwise. seccomp can only say what an argument
/// is, not what it is not; and the high half, which the kernel drops, must not matter.
[[nodiscard]] std::vector<std::pair<std::uint32_t, std::uint32_t>> AllBut(
    std::span<const std::uint32_t> excluded);

}  // namespace paddock::drivers::oci
