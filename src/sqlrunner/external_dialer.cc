#include "sqlrunner/external_dialer.h"

#include <utility>

#include <boost/asio/this_coro.hpp>

#include "egress/connection.h"
#include "sqlrunner/postgres_tls.h"

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
  TlsWish wish{.mode = *mode, .host = address_.host, .ca_file = ca_file_};
  *refusal_ = std::nullopt;
  const auto executor = co_await boost::asio::this_coro::executor;
  auto relay = TlsRelay::Make(executor, *std::move(connected), std::move(wish));
  if (!relay) {
    co_return Fail(std::move(relay).error());
  }
  Result<UniqueFd> secured;
  if (address_.engine == sql::Name(sql::Dialect::kMariadb)) {
    secured = BeginMariadbTls(*std::move(relay), refusal_, relays_, deadline);
  } else {
    secured = co_await BeginPostgresTls(*std::move(relay), relays_, deadline);
  }
  co_return secured;
}

}  // namespace paddock::sqlrunner
