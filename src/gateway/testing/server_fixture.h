// ServerFixture: the live server with a handful of routes that tests of it need.
//
// Threading: as LiveServer.
#pragma once

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "gateway/testing/live_server.h"
#include "gateway/testing/raw_client.h"

namespace paddock::gateway::testing {

/// A public route without a body.
[[nodiscard]] Route PublicRoute(Method method, std::string pattern, Handler handler);

class ServerFixture : public ::testing::Test {
 protected:
  /// Routes: GET /hello/{name}; POST /echo (buffered, 1,000 bytes); PUT /upload (streamed, 1 MB:
  /// answers the length); GET /mine and POST /mine (a caller is needed: "Bearer good" or the cookie
  /// session=good; with the header X-Elsewhere: unknown, down or anything else, they are looked
  /// up); GET /who (what we know of the client).
  explicit ServerFixture(ServerConfig config = LiveServer::QuickConfig());

  /// Sends `bytes` on a connection of its own.
  [[nodiscard]] RawResponse Ask(std::string_view bytes);
  /// The status, after which the server must have closed the connection.
  [[nodiscard]] int StatusOfRefused(std::string_view bytes);

  LiveServer server_;
};

}  // namespace paddock::gateway::testing
