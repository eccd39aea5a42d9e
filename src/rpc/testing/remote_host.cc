#include "rpc/testing/remote_host.h"

#include <stdlib.h>
#include <unistd.h>

#include <utility>

#include <gtest/gtest.h>

#include "rpc/grpc_setup.h"

namespace paddock::rpc::testing {
namespace fs = std::filesystem;

RemoteHost::RemoteHost() {
  [[maybe_unused]] static const bool is_set_up = (SetUpGrpc(), true);
  std::string pattern = "/tmp/paddock-remote-XXXXXX";
  directory_ = mkdtemp(pattern.data());
  auto made = AuthorityOf("own").MakeServer("node", {"localhost", "127.0.0.1"}, {});
  EXPECT_TRUE(made) << made.error().message;
  const auto files = MakeClient("web");
  Serve();
  client_.emplace(loop_.get_executor(), RemoteService{.address = address(), .files = files});
}

RemoteHost::~RemoteHost() {
  client_.reset();
  if (service_) {
    StopServing();
  }
  fs::remove_all(directory_);
}

certs::Authority RemoteHost::AuthorityOf(const std::string& authority) {
  if (!fs::exists(directory_ / authority)) {
    auto made = certs::Authority::Create(directory_ / authority, {.valid = certs::kAuthorityDays});
    EXPECT_TRUE(made) << made.error().message;
  }
  return certs::Authority(directory_ / authority);
}

certs::TlsFiles RemoteHost::FilesOf(const std::string& authority, const std::string& name) const {
  return {.certificate = directory_ / authority / (name + ".pem"),
          .key = directory_ / authority / (name + ".key"),
          .authority = directory_ / authority / "ca.pem"};
}

certs::TlsFiles RemoteHost::MakeClient(const std::string& name, certs::Terms terms) {
  auto made = AuthorityOf("own").MakeClient(name, terms);
  EXPECT_TRUE(made) << made.error().message;
  return FilesOf("own", name);
}

void RemoteHost::Serve(std::vector<std::string> clients) {
  service_.emplace(loop_.get_executor(), fake_);
  const RemoteAccess access{.address = "127.0.0.1:" + std::to_string(port_),
                            .files = FilesOf("own", "node"),
                            .clients = std::move(clients),
                            .option = "--node-clients"};
  auto listening = service_->Listen(directory_ / "node.sock", getgid(), access);
  ASSERT_TRUE(listening) << listening.error().message;
  port_ = service_->remote_port();
}

void RemoteHost::StopServing() {
  auto stop = [](NodeService& service) -> aio::Task<bool> {
    co_await service.Shutdown();
    co_return true;
  };
  Await(stop(*service_));
  service_.reset();
}

Result<std::vector<sandbox::Info>> RemoteHost::ListAs(const certs::TlsFiles& files,
                                                      const std::string& name) {
  NodeClient client(loop_.get_executor(), RemoteService{.address = address(name), .files = files});
  return Await(client.List(Soon()));
}

SandboxId RemoteHost::MustCreate() {
  const sandbox::Spec spec{
      .id = NewId<SandboxId>(), .owner = NewId<UserId>(), .image = "base", .limits = {}, .env = {}};
  auto created = Await(client_->Create(spec, Soon()));
  EXPECT_TRUE(created) << created.error().message;
  return spec.id;
}

void RemoteHost::RunFor(std::chrono::milliseconds time) {
  loop_.restart();
  loop_.run_for(time);
}

}  // namespace paddock::rpc::testing
