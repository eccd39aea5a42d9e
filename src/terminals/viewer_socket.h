// ViewerSocket: the port through which a terminal's conversation reaches one viewer.
//
// Used by Relay. Implementations: the gateway's WebSocket, and testing/fake_viewer_socket.h.
// Threading: loop thread only; one Receive and one Send at a time. Ownership: outlives the relay.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "aio/task.h"
#include "base/result.h"

namespace paddock::terminals {

class ViewerSocket {
 public:
  virtual ~ViewerSocket() = default;

  /// The next binary message. kCancelled: closed, gone, or the task was cancelled; kInvalid: the
  /// peer sent something else (text, too much) and has been told.
  [[nodiscard]] virtual aio::Task<Result<std::string>> Receive() = 0;

  /// Sends `head` and `payload` as one binary message; done when the kernel has taken all of it.
  /// Both stay valid until then. kCancelled: closed or gone.
  [[nodiscard]] virtual aio::Task<Result<void>> Send(std::string_view head,
                                                     std::string_view payload) = 0;

  /// Says goodbye with a WebSocket close code. Nothing can be sent afterwards.
  [[nodiscard]] virtual aio::Task<void> Close(std::uint16_t code, std::string reason) = 0;
};

}  // namespace paddock::terminals
