// TlsRelay: TLS with a database server, for engines that only know plain sockets.
//
// The engines read and write a socket of their own; between it and the server's, this encrypts.
// Buffers are bounded and each waits for the other side: back-pressure goes through.
// Used by BeginPostgresTls and BeginMariadbTls, which know how each protocol asks for TLS.
// Threading: loop thread. Ownership: shared by the tasks that copy; they end with either socket, or
// when their scope is cancelled.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

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

class TlsRelay {
 public:
  // The server's socket may be of TCP or, in tests, local: its kind does not matter any more.
  using Socket = boost::asio::local::stream_protocol::socket;
  using Secured = boost::asio::ssl::stream<Socket>;

  /// Takes over the connection to the server. kInternal, kExhausted.
  [[nodiscard]] static Result<std::shared_ptr<TlsRelay>> Make(
      const boost::asio::any_io_executor& executor, UniqueFd connected, TlsWish wish);

  [[nodiscard]] const TlsWish& wish() const noexcept { return wish_; }
  [[nodiscard]] Socket& server() { return secured_.next_layer(); }
  [[nodiscard]] Secured& secured() { return secured_; }  // after Handshake
  [[nodiscard]] Socket& engine() { return engine_; }     // after MakeEngineEnd

  /// The connection to the server, as it is; the relay is of no use any more. kExhausted.
  [[nodiscard]] Result<UniqueFd> ReleaseServer();

  /// Fails with kDenied (the certificate is not what was asked for), kUnavailable,
  /// kDeadlineExceeded or kCancelled, in words for the user.
  [[nodiscard]] aio::Task<Result<void>> Handshake(Deadline deadline);

  /// The end for the engine; the other one is the relay's. kExhausted.
  [[nodiscard]] Result<UniqueFd> MakeEngineEnd();

  void Close();

 private:
  TlsRelay(const boost::asio::any_io_executor& executor,
           boost::asio::ssl::context context,
           TlsWish wish);
  [[nodiscard]] Result<void> AskForCertificate();
  [[nodiscard]] Error HandshakeFailure(const boost::system::error_code& failure);

  TlsWish wish_;
  boost::asio::ssl::context context_;
  Secured secured_;
  Socket engine_;
};
using TlsRelayPtr = std::shared_ptr<TlsRelay>;

/// Copies between engine and server from now on, until either is gone.
void StartCopying(const TlsRelayPtr& relay, bool with_tls, aio::TaskScope& relays);

/// What the server said without TLS, whole. kUnavailable: it is gone; kDeadlineExceeded,
/// kCancelled.
[[nodiscard]] aio::Task<Result<void>> ReadAll(TlsRelay::Socket& from,  // both outlive the task
                                              std::span<char> bytes,
                                              Deadline deadline);
[[nodiscard]] aio::Task<Result<void>> ReadAll(TlsRelay::Secured& from,
                                              std::span<char> bytes,
                                              Deadline deadline);

/// kUnavailable: the server, or the engine, is gone.
[[nodiscard]] aio::Task<Result<void>> WriteAll(TlsRelay::Socket& to,  // both outlive the task
                                               std::string bytes);
[[nodiscard]] aio::Task<Result<void>> WriteAll(TlsRelay::Secured& to, std::string bytes);

/// kDenied, in words for the user.
[[nodiscard]] std::unexpected<Error> SpeaksNoTls(const std::string& host);

}  // namespace paddock::sqlrunner
