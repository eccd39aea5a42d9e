#include "gateway/server.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <unordered_map>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "aio/task_scope.h"
#include "base/check.h"
#include "base/log.h"
#include "base/unique_fd.h"
#include "gateway/client_address.h"
#include "gateway/connection.h"
#include "gateway/metrics.h"
#include "gateway/server_context.h"
#include "gateway/tls_context.h"

namespace paddock::gateway {
namespace asio = boost::asio;

namespace {

constexpr int kAcceptsPerTurn = 64;  // so that a flood of connections does not starve the others
constexpr int kRefusedMax = 256;     // beyond it, nobody is told why
constexpr std::chrono::milliseconds kOutOfDescriptorsPause{100};

struct ListenAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

Result<ListenAddress> MakeAddress(const std::string& text, std::uint16_t port) {
  const auto address = ParseIpAddress(text);
  if (!address) {
    return Fail(Code::kInvalid, fmt::format("'{}' is not an IP address to listen on", text));
  }
  ListenAddress result;
  if (address->is_v4()) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&v4.sin_addr, address->bytes.data() + 12, sizeof(v4.sin_addr));
    std::memcpy(&result.storage, &v4, sizeof(v4));
    result.size = sizeof(v4);
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    std::memcpy(&v6.sin6_addr, address->bytes.data(), sizeof(v6.sin6_addr));
    std::memcpy(&result.storage, &v6, sizeof(v6));
    result.size = sizeof(v6);
  }
  return result;
}

std::unexpected<Error> FailToListen(const ServerConfig& config) {
  const int reason = errno;
  const Code code = reason == EADDRINUSE ? Code::kConflict
                    : reason == EACCES   ? Code::kDenied
                                         : Code::kInvalid;
  return Fail(code, fmt::format("cannot listen on {}:{}: {}", config.address, config.port,
                                std::generic_category().message(reason)));
}

Result<UniqueFd> Listen(const ServerConfig& config) {
  auto address = MakeAddress(config.address, config.port);
  if (!address) {
    return Fail(std::move(address).error());
  }
  UniqueFd fd(
      socket(address->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
  const int on = 1;
  sockaddr* raw = reinterpret_cast<sockaddr*>(&address->storage);  // NOLINT: the sockets API
  if (!fd || setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
      bind(fd.get(), raw, address->size) != 0 || listen(fd.get(), SOMAXCONN) != 0) {
    return FailToListen(config);
  }
  return fd;
}

}  // namespace

class Server::Impl {
 public:
  Impl(asio::io_context& loop, ServerConfig config, Router& router, Metrics& metrics)
      : loop_(loop),
        config_(std::move(config)),
        router_(router),
        metrics_(metrics),
        scope_(loop.get_executor()),
        acceptor_(loop),
        sweep_timer_(loop),
        gone_(loop, asio::steady_timer::time_point::max()) {}

  Result<void> Start();
  Result<void> ReloadTls();
  aio::Task<void> Stop(Deadline deadline);
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] std::string url() const;

 private:
  aio::Task<void> Accept();
  aio::Task<void> SweepAll();
  /// 1: accepted one; 0: none is waiting; -1: there are no descriptors left.
  int AcceptOne();
  void Admit(UniqueFd fd, const IpAddress& peer);
  /// Destroys `connection` if its tasks are through; else the next sweep asks again.
  void Forget(Connection* connection);

  asio::io_context& loop_;
  ServerConfig config_;
  Router& router_;
  Metrics& metrics_;
  TlsContext tls_;
  std::unique_ptr<ServerContext> context_;
  aio::TaskScope scope_;
  asio::posix::stream_descriptor acceptor_;
  asio::steady_timer sweep_timer_;
  asio::steady_timer gone_;
  std::uint16_t port_ = 0;
  bool stopping_ = false;
  std::unordered_map<Connection*, std::unique_ptr<Connection>> connections_;
  std::unordered_map<std::string, int> count_by_address_;
  int refused_count_ = 0;
};

Result<void> Server::Impl::Start() {
  auto proxies = TrustedProxies::Parse(config_.trusted_proxies);
  if (!proxies) {
    return Fail(std::move(proxies).error().With("trusted proxies"));
  }
  if (!config_.public_origin.empty()) {
    auto origin = ParseOrigin(config_.public_origin);
    if (!origin) {
      return Fail(std::move(origin).error().With("public origin"));
    }
    config_.public_origin = *std::move(origin);
  }
  if (!config_.certificate_file.empty()) {
    if (auto loaded = ReloadTls(); !loaded) {
      return loaded;
    }
  }
  auto fd = Listen(config_);
  if (!fd) {
    return Fail(std::move(fd).error());
  }
  sockaddr_in6 bound{};
  socklen_t size = sizeof(bound);
  getsockname(fd->get(), reinterpret_cast<sockaddr*>(&bound), &size);  // NOLINT: the sockets API
  port_ = ntohs(bound.sin6_port);  // at the same place in a sockaddr_in
  std::signal(SIGPIPE, SIG_IGN);   // OpenSSL writes without MSG_NOSIGNAL
  const auto address = ParseIpAddress(config_.address);
  IdentityRules rules{.proxies = *std::move(proxies),
                      .public_origin = config_.public_origin,
                      .only_local_names = address && IsLoopback(*address)};
  context_ = std::make_unique<ServerContext>(loop_.get_executor(), config_, router_, metrics_,
                                             std::move(rules));
  // Posted, because the connection's own task is still on the stack.
  context_->on_finished = [this](Connection& connection) {
    asio::post(loop_, [this, finished = &connection] { Forget(finished); });
  };
  acceptor_.assign(fd->Release());
  scope_.Spawn(Accept());
  scope_.Spawn(SweepAll());
  return {};
}

Result<void> Server::Impl::ReloadTls() {
  auto loaded = tls_.Load(config_.certificate_file, config_.key_file);
  if (!loaded) {
    return Fail(std::move(loaded).error().With("TLS"));
  }
  return {};
}

std::string Server::Impl::url() const {
  if (!config_.public_origin.empty()) {
    return config_.public_origin;
  }
  const bool is_v6 = config_.address.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}", tls_.is_loaded() ? "https" : "http", is_v6 ? "[" : "",
                     config_.address, is_v6 ? "]" : "", port_);
}

aio::Task<void> Server::Impl::Accept() {
  while (!stopping_) {
    auto [failure] = co_await acceptor_.async_wait(asio::posix::descriptor_base::wait_read,
                                                   asio::as_tuple(asio::use_awaitable));
    if (failure || stopping_) {
      co_return;
    }
    int accepted = 1;
    for (int i = 0; i < kAcceptsPerTurn && accepted > 0; ++i) {
      accepted = AcceptOne();
    }
    if (accepted < 0) {
      log::Warn("no descriptors left for new connections: raise the limit of open files");
      asio::steady_timer pause(loop_, kOutOfDescriptorsPause);
      co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
    }
  }
}

int Server::Impl::AcceptOne() {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  UniqueFd fd(accept4(acceptor_.native_handle(),
                      reinterpret_cast<sockaddr*>(&address),  // NOLINT: the sockets API
                      &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (fd) {
    Admit(std::move(fd), IpAddressOf(address));
    return 1;
  }
  if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
    return -1;
  }
  // The client may have left meanwhile; then the next one is asked for.
  return errno == ECONNABORTED || errno == EINTR || errno == EPROTO ? 1 : 0;
}

void Server::Impl::Admit(UniqueFd fd, const IpAddress& peer) {
  const Limits& limits = config_.limits;
  int refusal = 0;
  const auto known = count_by_address_.find(peer.LimitKey());
  if (static_cast<int>(connections_.size()) - refused_count_ >= limits.connections_max) {
    refusal = 503;
  } else if (known != count_by_address_.end() &&
             known->second >= limits.connections_per_address_max &&
             !context_->identity.proxies.Contains(peer)) {  // it speaks for everybody
    refusal = 429;
  }
  if (refusal != 0) {
    context_->metrics.connections_refused_total.Add();
    if (refused_count_ >= kRefusedMax) {
      return;
    }
  }
  const int on = 1;
  setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  // The kernel, too, gives up a peer that acknowledges nothing: a client whose network is gone.
  const auto patience = static_cast<unsigned>(limits.progress_time_max.count());
  setsockopt(fd.get(), IPPROTO_TCP, TCP_USER_TIMEOUT, &patience, sizeof(patience));
  SSL* ssl = nullptr;
  if (tls_.is_loaded()) {
    ssl = tls_.NewSsl();
    if (ssl == nullptr) {
      return;
    }
  }
  auto owned = std::make_unique<Connection>(*context_, std::move(fd), ssl, peer, refusal);
  Connection& connection = *owned;
  connections_.emplace(&connection, std::move(owned));
  refused_count_ += refusal != 0 ? 1 : 0;
  if (refusal == 0) {
    ++count_by_address_[connection.limit_key()];
  }
  context_->metrics.connections_total.Add();
  context_->metrics.connections.Add(1);
  connection.Start();
}

void Server::Impl::Forget(Connection* connection) {
  const auto found = connections_.find(connection);
  if (found == connections_.end() || !connection->finished()) {
    return;
  }
  if (connection->refused()) {
    --refused_count_;
  } else {
    const auto count = count_by_address_.find(connection->limit_key());
    PADDOCK_CHECK(count != count_by_address_.end());
    if (--count->second == 0) {
      count_by_address_.erase(count);
    }
  }
  context_->metrics.connections.Add(-1);
  connections_.erase(found);
  if (stopping_ && connections_.empty()) {
    sweep_timer_.cancel();
  }
}

aio::Task<void> Server::Impl::SweepAll() {
  while (!stopping_ || !connections_.empty()) {
    sweep_timer_.expires_after(config_.limits.sweep_interval);
    co_await sweep_timer_.async_wait(asio::as_tuple(asio::use_awaitable));
    context_->now = Clock::now();
    log::Flush();
    std::vector<Connection*> finished;
    for (const auto& [connection, owned] : connections_) {
      connection->Sweep();
      if (connection->finished()) {
        finished.push_back(connection);
      }
    }
    std::ranges::for_each(finished, [this](Connection* connection) { Forget(connection); });
  }
  gone_.cancel();
}

aio::Task<void> Server::Impl::Stop(Deadline deadline) {
  if (stopping_ || context_ == nullptr) {
    co_return;
  }
  stopping_ = true;
  context_->draining = true;
  acceptor_.close();
  for (const auto& [connection, owned] : connections_) {
    connection->Drain();
  }
  sweep_timer_.cancel();
  // SweepAll ends, and cancels the timer, when the last connection is forgotten.
  gone_.expires_at(deadline.when());
  co_await gone_.async_wait(asio::as_tuple(asio::use_awaitable));
  for (const auto& [connection, owned] : connections_) {
    connection->Abort();
  }
  co_await scope_.Join();
}

Server::Server(asio::io_context& loop, ServerConfig config, Router& router, Metrics& metrics)
    : impl_(std::make_unique<Impl>(loop, std::move(config), router, metrics)) {}
Server::~Server() = default;

Result<void> Server::Start() { return impl_->Start(); }
std::uint16_t Server::port() const noexcept { return impl_->port(); }
std::string Server::url() const { return impl_->url(); }
Result<void> Server::ReloadTls() { return impl_->ReloadTls(); }
aio::Task<void> Server::Stop(Deadline deadline) { co_await impl_->Stop(deadline); }

}  // namespace paddock::gateway
