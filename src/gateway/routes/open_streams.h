// OpenStreams: the terminals and event streams that are open, by whose credential they were opened.
//
// A request is asked once who sends it; a stream goes on for hours. So that nothing outlives the
// session, the token or the account that it was opened with, what is revoked ends here.
//
// Threading: loop thread only. Ownership: outlives every task of Run.
#pragma once

#include <cstddef>
#include <functional>
#include <list>

#include "aio/condition.h"
#include "aio/task.h"
#include "identity/principal.h"

namespace paddock::gateway {

class OpenStreams {
 public:
  OpenStreams() = default;
  OpenStreams(const OpenStreams&) = delete;
  OpenStreams& operator=(const OpenStreams&) = delete;

  /// Runs `body` to its end, and cancels it when what `holder` came with is revoked.
  [[nodiscard]] aio::Task<void> Run(identity::SharedPrincipal holder, aio::Task<void> body);

  /// Ends those whose holder is such.
  void EndIf(const std::function<bool(const identity::Principal&)>& is_such);

  [[nodiscard]] std::size_t count() const noexcept { return open_.size(); }

 private:
  struct Stream {
    identity::SharedPrincipal holder;
    aio::Condition changed;
    bool is_revoked = false;
    bool is_over = false;
  };
  static aio::Task<void> RunToItsEnd(Stream& stream, aio::Task<void> body);

  std::list<Stream> open_;
};

}  // namespace paddock::gateway
