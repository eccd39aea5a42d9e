// Local sockets: Unix sockets between this host's own processes, which check who the other one is
// and pass descriptors.
//
// Used by rpc/ and sqlrunner/link/. Threading: any.
#pragma once

#include <sys/types.h>
#include <sys/uio.h>

#include <cstddef>
#include <deque>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace paddock::aio {

/// Binds `path` to a socket of `type`, non-blocking, for members of `group` only; what lay there is
/// replaced. Fails with kUnavailable.
[[nodiscard]] Result<UniqueFd> ListenAt(const std::string& path, int type, gid_t group);

/// A connection, non-blocking; `whom` names who listens there in messages. Fails with kUnavailable.
[[nodiscard]] Result<UniqueFd> ConnectTo(const std::string& path, int type, std::string_view whom);

/// Whether root or one of `users` is at the other end. Of a listener it is who called listen, and
/// of a client who called connect.
[[nodiscard]] bool IsPeerOneOf(int connection, std::span<const uid_t> users);

inline constexpr std::size_t kPassedInOneMessage = 4;  // more are dropped by the kernel

/// As sendmsg, which does not block; `passed` goes along with the first byte unless it is negative.
[[nodiscard]] ssize_t SendMessage(int socket, std::span<const iovec> pieces, int passed);
/// As recvmsg, which does not block; takes over what came along, so that nothing of it leaks.
[[nodiscard]] ssize_t ReceiveMessage(int socket,
                                     std::span<char> bytes,
                                     std::deque<UniqueFd>& passed);

}  // namespace paddock::aio
