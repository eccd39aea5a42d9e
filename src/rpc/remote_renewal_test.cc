// Certificates are renewed while node and server run: new connections use the new one, and those
// that are open stay open.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cctype>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "crypto/owned.h"
#include "rpc/testing/remote_host.h"

namespace paddock::rpc {
namespace {

using crypto::Owned;
using std::chrono::milliseconds;
using testing::RemoteHost;

constexpr auto kPatience = std::chrono::seconds(30);

/// The serial of the certificate that the node at `port` shows to a new connection of `files`.
std::string SerialAt(int port, const certs::TlsFiles& files) {
  const Owned<SSL_CTX, SSL_CTX_free> context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_use_certificate_file(context.get(), files.certificate.c_str(), SSL_FILETYPE_PEM);
  SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM);
  const UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  // NOLINTNEXTLINE: the C interface
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return "no connection";
  }
  const Owned<SSL, SSL_free> tls(SSL_new(context.get()));
  SSL_set_fd(tls.get(), fd.get());
  if (SSL_connect(tls.get()) != 1) {
    return "no handshake";
  }
  const Owned<X509, X509_free> shown(SSL_get1_peer_certificate(tls.get()));
  const Owned<BIGNUM, BN_free> number(
      ASN1_INTEGER_to_BN(X509_get0_serialNumber(shown.get()), nullptr));
  char* digits = BN_bn2hex(number.get());
  std::string serial(digits);
  OPENSSL_free(digits);
  for (char& digit : serial) {
    digit = static_cast<char>(std::tolower(static_cast<unsigned char>(digit)));
  }
  return serial;
}

class RenewalTest : public ::testing::Test {
 protected:
  RenewalTest() : id_(host_.MustCreate()) {
    auto stream = host_.Await(host_.driver().Connect(id_, RemoteHost::Soon()));
    EXPECT_TRUE(stream) << stream.error().message;
    stream_ = *std::move(stream);
  }

  template <class Done>
  [[nodiscard]] bool RunUntil(Done done, Deadline give_up = Deadline::After(kPatience)) {
    while (!done()) {
      if (give_up.Passed()) {
        return false;
      }
      host_.RunFor(milliseconds(20));
    }
    return true;
  }
  [[nodiscard]] std::string SerialShown() const {
    return SerialAt(host_.port(), host_.FilesOf("own", "web"));
  }
  // The stream that was open before carries a word to its agent.
  [[nodiscard]] bool IsStreamAlive() {
    std::string received(8, '\0');
    return send(stream_.get(), "word", 4, MSG_NOSIGNAL) == 4 && RunUntil([&] {
             return recv(host_.fake().agent_ends.at(0).get(), received.data(), received.size(),
                         MSG_DONTWAIT) == 4;
           });
  }

  RemoteHost host_;
  SandboxId id_;
  UniqueFd stream_;
};

TEST_F(RenewalTest, ANodeShowsItsRenewedCertificateToNewConnectionsAndKeepsTheOldOnes) {
  const auto before = host_.AuthorityOf("own").List()->at(1);
  ASSERT_EQ(before.name, "node");
  ASSERT_EQ(SerialShown(), before.serial);
  auto renewed = host_.AuthorityOf("own").Renew("node", {});
  ASSERT_TRUE(renewed) << renewed.error().message;
  EXPECT_TRUE(RunUntil([&] { return SerialShown() == renewed->serial; }));
  EXPECT_TRUE(IsStreamAlive());
  auto listed = host_.ListAs(host_.FilesOf("own", "web"));
  EXPECT_TRUE(listed) << listed.error().message;
}

TEST_F(RenewalTest, ANodeTakesANewKeyTooOnceBothFilesAreThere) {
  auto renewed =
      host_.AuthorityOf("own").MakeServer("node", {"localhost", "127.0.0.1"}, {.force = true});
  ASSERT_TRUE(renewed) << renewed.error().message;
  EXPECT_TRUE(RunUntil([&] { return SerialShown() == renewed->serial; }));
  EXPECT_TRUE(IsStreamAlive());
}

TEST_F(RenewalTest, ANodeKeepsItsCertificateUntilThereIsOneThatItCanUse) {
  const auto before = SerialShown();
  const auto key = host_.directory() / "own/node.key";
  const auto good = host_.directory() / "good.key";
  std::filesystem::copy_file(key, good);
  for (const char* bad : {"web.key", "ca.pem"}) {
    std::filesystem::copy_file(host_.directory() / "own" / bad, key,
                               std::filesystem::copy_options::overwrite_existing);
    const auto until = Deadline::After(std::chrono::milliseconds(1500));
    EXPECT_FALSE(RunUntil([&] { return SerialShown() != before; }, until)) << bad;
  }
  std::filesystem::copy_file(good, key, std::filesystem::copy_options::overwrite_existing);
  auto renewed = host_.AuthorityOf("own").Renew("node", {});
  ASSERT_TRUE(renewed) << renewed.error().message;
  EXPECT_TRUE(RunUntil([&] { return SerialShown() == renewed->serial; }));
  EXPECT_TRUE(IsStreamAlive());
}

// Seen by a certificate with another name, since nothing else shows which one a server uses.
TEST_F(RenewalTest, AServerUsesItsNewCertificateForItsNextConnection) {
  ASSERT_TRUE(host_.AuthorityOf("own").MakeClient("next", {}));
  std::filesystem::copy_file(host_.directory() / "own/next.key", host_.directory() / "own/web.key",
                             std::filesystem::copy_options::overwrite_existing);
  std::filesystem::copy_file(host_.directory() / "own/next.pem", host_.directory() / "own/web.pem",
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_TRUE(IsStreamAlive());
  EXPECT_TRUE(RunUntil([&] {
    host_.StopServing();
    host_.Serve({"next"});
    auto listed = host_.Await(host_.driver().List(RemoteHost::Soon()));
    return listed.has_value();
  }));
}

TEST_F(RenewalTest, ANewAuthorityIsTrustedBesideTheOldOne) {
  ASSERT_TRUE(host_.AuthorityOf("second").MakeClient("web", {}));
  auto files = host_.FilesOf("second", "web");
  files.authority = host_.FilesOf("own", "node").authority;
  std::FILE* bundle = std::fopen((host_.directory() / "own/ca.pem").c_str(), "ae");
  std::FILE* second = std::fopen((host_.directory() / "second/ca.pem").c_str(), "re");
  for (int letter = std::fgetc(second); letter != EOF; letter = std::fgetc(second)) {
    std::fputc(letter, bundle);
  }
  std::fclose(second);
  std::fclose(bundle);
  EXPECT_TRUE(RunUntil([&] { return host_.ListAs(files).has_value(); }));
  EXPECT_TRUE(IsStreamAlive());
}

}  // namespace
}  // namespace paddock::rpc
