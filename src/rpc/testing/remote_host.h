// RemoteHost: a node around a fake driver, reached over mutual TLS on loopback, and its
// certificates.
//
// Used by the tests of rpc/. Node and client run on one loop, the test's thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "aio/testing/run_on.h"
#include "certs/authority.h"
#include "rpc/node_client.h"
#include "rpc/node_service.h"
#include "sandbox/testing/driver_host.h"
#include "sandbox/testing/fake_driver.h"

namespace paddock::rpc::testing {

class RemoteHost final : public sandbox::testing::DriverHost {
 public:
  /// Serves client "web".
  RemoteHost();
  ~RemoteHost() override;
  RemoteHost(const RemoteHost&) = delete;
  RemoteHost& operator=(const RemoteHost&) = delete;

  boost::asio::io_context& loop() override { return loop_; }
  sandbox::Driver& driver() override { return *client_; }
  std::string image() override { return "base"; }
  [[nodiscard]] sandbox::testing::FakeDriver& fake() { return fake_; }

  /// An authority of the name, made when it is asked for first; "own" is the node's.
  [[nodiscard]] certs::Authority AuthorityOf(const std::string& authority);
  [[nodiscard]] certs::TlsFiles FilesOf(const std::string& authority,
                                        const std::string& name) const;
  /// A client certificate of the node's own authority, and its files.
  [[nodiscard]] certs::TlsFiles MakeClient(const std::string& name, certs::Terms terms = {});

  /// Listens; at the port that it had before, when it had one.
  void Serve(std::vector<std::string> clients = {"web"});
  void StopServing();
  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::string address(const std::string& name = "localhost") const {
    return name + ":" + std::to_string(port_);
  }
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

  /// What List says to a client with `files`.
  [[nodiscard]] Result<std::vector<sandbox::Info>> ListAs(const certs::TlsFiles& files,
                                                          const std::string& name = "localhost");
  [[nodiscard]] SandboxId MustCreate();
  void RunFor(std::chrono::milliseconds time);
  template <class T>
  T Await(aio::Task<T> task) {
    return aio::testing::RunUntilDone(loop_, std::move(task));
  }
  [[nodiscard]] static Deadline Soon() { return Deadline::After(std::chrono::seconds(20)); }

 private:
  std::filesystem::path directory_;
  int port_ = 0;
  boost::asio::io_context loop_;
  sandbox::testing::FakeDriver fake_;
  std::optional<NodeService> service_;
  std::optional<NodeClient> client_;
};

}  // namespace paddock::rpc::testing
