// Terminals: all of the sandbox's, by id, and the channels that open, list, close and show them.
//
// Threading: loop thread. Ownership: the Server owns the table, which outlives every connection.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "agent/channel.h"
#include "agent/services.h"
#include "agent/terminal_session.h"

namespace paddock::agent {

class Terminals {
 public:
  explicit Terminals(Services& services) : services_(services) {}
  Terminals(const Terminals&) = delete;
  Terminals& operator=(const Terminals&) = delete;

  // Each makes the channel of a request, or ends `line` at once.
  [[nodiscard]] std::unique_ptr<Channel> Open(Line& line, protocol::TerminalOpenRequest request);
  [[nodiscard]] std::unique_ptr<Channel> List(Line& line);
  [[nodiscard]] std::unique_ptr<Channel> Close(Line& line,
                                               const protocol::TerminalCloseRequest& request);
  [[nodiscard]] std::unique_ptr<Channel> Attach(
      Line& line, const protocol::TerminalAttachRequest& request) const;

  [[nodiscard]] std::shared_ptr<TerminalSession> Find(const TerminalId& id) const;
  void Forget(const TerminalId& id) { sessions_.erase(id); }
  /// Ends them all, for the end of the sandbox.
  void Clear() { sessions_.clear(); }

 private:
  Services& services_;
  std::map<TerminalId, std::shared_ptr<TerminalSession>> sessions_;
};

}  // namespace paddock::agent
