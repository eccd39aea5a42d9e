// BeginTls: TLS with a PostgreSQL server, for engines that only know plain sockets.
//
// The engines read and write a socket of their own; between it and the server's, this encrypts.
// Buffers are bounded and each waits for the other side: back-pressure goes through.
// Used by ExternalDialer. Threading: loop thread. Ownership: what it spawns ends with either
// socket, or when `relays` is cancelled.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "aio/task.h"
#include "aio/task_scope.h"
#include "base/deadline.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace paddock::sqlrunner {

/// As libpq's sslmode: each includes what stands before it.
enum class TlsMode : std::uint8_t { kPrefer, kRequire, kVerifyCa, kVerifyFull };
[[nodiscard]] std::optional<TlsMode> ParseTlsMode(std::string_view name) noexcept;

struct TlsWish {
  TlsMode mode = TlsMode::kVerifyFull;
  std::string host;          // whom the certificate is to be for
  std::string ca_file = {};  // NOLINT: whom to trust; empty: whom this host trusts
};

/// Asks the server at `connected` for TLS. The result is a socket to speak PostgreSQL's protocol
/// on: `connected` itself where TLS is only preferred and not offered. Fails with kDenied (no TLS,
/// or a certificate that is not trusted), kUnavailable, kDeadlineExceeded or kCancelled, in words
/// for the user.
[[nodiscard]] aio::Task<Result<UniqueFd>> BeginTls(UniqueFd connected,
                                                   TlsWish wish,
                                                   aio::TaskScope& relays,  // outlives the session
                                                   Deadline deadline);

}  // namespace paddock::sqlrunner
