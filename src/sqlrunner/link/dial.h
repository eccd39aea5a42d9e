// Dial messages: the runner asks the server for a connection, and is given a descriptor.
//
// The payloads of kDial, kDialled and kRefused (framed_socket.h): small JSON objects. Used by both
// ends; each distrusts the other. Threading: pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace paddock::sqlrunner {

/// What a conversation wants to reach. The server decides whether its caller may.
struct DialRequest {
  std::uint64_t number = 0;  // of the request, for the answer
  std::string sandbox;       // its id; empty: `external` is meant
  std::string target;        // in the sandbox: "tcp:5432", "unix:/path", "program:sqlite"
  std::string external;      // the name of a registered database
};

/// A registered database: the runner dials it itself. Holds a secret: not for any log.
struct ExternalAddress {
  std::string engine;
  std::string host;
  std::uint16_t port = 0;
  std::string database;
  std::string user;
  std::string password;
  std::string tls;  // as libpq's sslmode; "disable" for none
};

struct DialAnswer {
  std::uint64_t number = 0;
  std::optional<Error> refusal;
  std::optional<ExternalAddress> address;  // neither: a descriptor comes along
};

inline constexpr std::size_t kDialBytesMax = std::size_t{16} * 1024;

[[nodiscard]] std::string EncodeDialRequest(const DialRequest& request);
[[nodiscard]] std::string EncodeDialAnswer(const DialAnswer& answer);

/// Fail with kInvalid.
[[nodiscard]] Result<DialRequest> DecodeDialRequest(std::string_view payload);
[[nodiscard]] Result<DialAnswer> DecodeDialAnswer(std::string_view payload);

}  // namespace paddock::sqlrunner
