#include "sqlrunner/external_dialer.h"

#include <utility>

#include "egress/connection.h"
#include "sqlrunner/tls_relay.h"

namespace paddock::sqlrunner {

aio::Task<Result<UniqueFd>> ExternalDialer::Dial(Deadline deadline) {
  egress::Destination destination{.host = address_.host, .port = address_.port};
  auto connected = co_await egress::Connect(std::move(destination), rules_, deadline);
  if (!connected && connected.error().code == Code::kDenied) {
    co_return Fail(Code::kDenied, connected.error().message +
                                      " An administrator can allow its network with "
                                      "sql-external-allow.");
  }
  if (!connected || address_.tls == "disable") {
    co_return connected;
  }
  const auto mode = ParseTlsMode(address_.tls);
  if (!mode) {
    co_return Fail(Code::kInvalid, "the registered database asks for a TLS that is not known");
  }
  TlsWish wish{.mode = *mode, .host = address_.host};
  auto secured = co_await BeginTls(*std::move(connected), std::move(wish), relays_, deadline);
  co_return secured;
}

}  // namespace paddock::sqlrunner
