// BodyReader: the body of one request, decoded, limited, and read only when somebody asks.
//
// One per connection, reset for each request. Threading: loop thread only; one reader at a time.
// Ownership: belongs to the connection; transport, context and the leftover bytes outlive a
// request.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/chunk_decoder.h"
#include "gateway/http.h"
#include "gateway/request_head.h"
#include "gateway/server_context.h"
#include "gateway/transport.h"

namespace paddock::gateway {

class BodyReader final : public ByteSource {
 public:
  BodyReader(ServerContext& context, Transport& transport)
      : context_(context), transport_(transport) {}

  /// `leftover` came with the head; it is valid until the request has been answered.
  void Reset(const RequestHead& head, std::string_view leftover);
  /// More bytes than this fail with kExhausted. Set by the route, before the first Read.
  void SetLimit(std::uint64_t bytes_max) noexcept { bytes_max_ = bytes_max; }

  [[nodiscard]] aio::Task<Result<std::string>> Read(Deadline deadline) override;
  /// All of it, when it came together with the head and may be buffered: this costs no task.
  [[nodiscard]] std::optional<std::string> TakeWhole(BodyBudget::Hold& hold);
  /// All of it, for routes that buffer; `hold` gets its part of the budget. Fails like Read, with
  /// kUnavailable when the budget is used up.
  [[nodiscard]] aio::Task<Result<std::string>> ReadAll(BodyBudget::Hold& hold,  // outlives the task
                                                       Deadline deadline);

  [[nodiscard]] bool has_body() const noexcept { return has_body_; }
  [[nodiscard]] bool done() const noexcept { return done_; }
  /// The client said Expect and was never told to continue: it may or may not send the body.
  [[nodiscard]] bool continue_pending() const noexcept { return continue_pending_; }
  /// 0, or the status that tells what went wrong: 400, 408, 413 or 503.
  [[nodiscard]] int failure_status() const noexcept { return failure_status_; }
  /// Waiting for the peer to send more: then it must make progress.
  [[nodiscard]] bool waiting() const noexcept { return waiting_; }
  /// The sweeper found no progress.
  void Expire() noexcept { failure_status_ = 408; }
  /// Bytes that came behind the body: the next request's.
  [[nodiscard]] std::string TakeSurplus();

 private:
  [[nodiscard]] aio::Task<Result<void>> SendContinue();
  [[nodiscard]] aio::Task<Result<void>> Receive(std::string& out);
  /// Decodes what is in `bytes`, and keeps what comes behind the body.
  [[nodiscard]] Result<void> Take(std::string_view bytes, std::string& out);
  [[nodiscard]] std::unexpected<Error> Refuse(int status, Code code, std::string message);

  ServerContext& context_;
  Transport& transport_;
  std::string_view leftover_;
  std::string surplus_;
  std::optional<ChunkDecoder> chunks_;
  std::uint64_t remaining_ = 0;  // of a body with Content-Length
  std::uint64_t bytes_max_ = 0;
  std::uint64_t bytes_read_ = 0;
  bool has_body_ = false;
  bool done_ = true;
  bool continue_pending_ = false;
  bool waiting_ = false;
  int failure_status_ = 0;
};

}  // namespace paddock::gateway
