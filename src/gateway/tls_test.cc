// TLS with certificates made here, over real sockets.

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "gateway/testing/server_fixture.h"

namespace paddock::gateway {
namespace {

using testing::LiveServer;
using testing::RawClient;

/// Writes a key and a certificate for `name` that signs itself.
void MakeCertificate(const std::string& folder, const char* name) {
  std::string curve = "P-256";  // OpenSSL wants it writable
  EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve.data());
  X509* certificate = X509_new();
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  X509_set_issuer_name(certificate, subject);
  X509_sign(certificate, key, EVP_sha256());
  std::FILE* out = std::fopen((folder + "/key.pem").c_str(), "we");
  PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(out);
  out = std::fopen((folder + "/certificate.pem").c_str(), "we");
  PEM_write_X509(out, certificate);
  std::fclose(out);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

std::string MakeFolder() {
  std::string folder = ::testing::TempDir() + "paddock_tls_XXXXXX";
  return mkdtemp(folder.data());
}

class TlsClient {
 public:
  explicit TlsClient(std::uint16_t port, int version_max = TLS1_3_VERSION)
      : client_(port), context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_max_proto_version(context_, version_max);
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, client_.fd());
    connected_ = SSL_connect(ssl_) == 1;
  }
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;
  ~TlsClient() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  [[nodiscard]] bool connected() const noexcept { return connected_; }
  std::string CommonName() {
    X509* certificate = SSL_get1_peer_certificate(ssl_);
    std::string name(64, '\0');
    const int length = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName,
                                                 name.data(), 64);
    X509_free(certificate);
    name.resize(static_cast<std::size_t>(length));
    return name;
  }
  void Send(const std::string& bytes) {
    std::size_t sent = 0;
    ASSERT_EQ(SSL_write_ex(ssl_, bytes.data(), bytes.size(), &sent), 1);
  }
  std::string ReadUntilClose() {
    std::string all;
    std::string buffer(65536, '\0');
    std::size_t count = 0;
    while (SSL_read_ex(ssl_, buffer.data(), buffer.size(), &count) == 1) {
      all.append(buffer, 0, count);
    }
    return all;
  }

 private:
  RawClient client_;
  SSL_CTX* context_;
  SSL* ssl_ = nullptr;
  bool connected_ = false;
};

ServerConfig TlsConfig(const std::string& folder) {
  ServerConfig config = LiveServer::QuickConfig();
  config.certificate_file = folder + "/certificate.pem";
  config.key_file = folder + "/key.pem";
  return config;
}

class Folder {
 protected:
  Folder() : folder_(MakeFolder()) { MakeCertificate(folder_, "first.example"); }
  ~Folder() { std::filesystem::remove_all(folder_); }
  std::string folder_;
};

class TlsTest : private Folder, public testing::ServerFixture {
 protected:
  TlsTest() : ServerFixture(TlsConfig(Folder::folder_)) { server_.Start(); }
  using Folder::folder_;
};

TEST_F(TlsTest, RequestsAreServedOverBothVersions) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient client(server_.port(), version);
    ASSERT_TRUE(client.connected());
    client.Send("GET /who HTTP/1.1\r\nHost: x:443\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(client.ReadUntilClose(), ::testing::HasSubstr("127.0.0.1 https://x"));
  }
}

TEST_F(TlsTest, LargeUploadsPassWhole) {
  TlsClient client(server_.port());
  client.Send(
      "PUT /upload HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 900000\r\n\r\n" +
      std::string(900'000, 'u'));
  EXPECT_THAT(client.ReadUntilClose(), ::testing::EndsWith("\r\n\r\n900000"));
}

TEST_F(TlsTest, OldVersionsPlainTextAndSilenceAreRefused) {
  EXPECT_FALSE(TlsClient(server_.port(), TLS1_1_VERSION).connected());
  RawClient plain(server_.port());
  plain.Send("GET /hello/a HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(plain.ReadToEnd(), ::testing::Not(::testing::HasSubstr("200")));
  RawClient silent(server_.port());
  EXPECT_TRUE(silent.IsClosed());
}

TEST_F(TlsTest, AReloadedCertificateIsUsedByNewConnectionsAndABadOneIsNot) {
  MakeCertificate(folder_, "second.example");
  server_.OnLoop([this] { EXPECT_TRUE(server_.server().ReloadTls().has_value()); });
  EXPECT_EQ(TlsClient(server_.port()).CommonName(), "second.example");
  std::filesystem::resize_file(folder_ + "/key.pem", 10);
  server_.OnLoop([this] {
    const auto reloaded = server_.server().ReloadTls();
    ASSERT_FALSE(reloaded.has_value());
    EXPECT_EQ(reloaded.error().code, Code::kInvalid);
    EXPECT_THAT(reloaded.error().message, ::testing::HasSubstr("key.pem"));
  });
  EXPECT_EQ(TlsClient(server_.port()).CommonName(), "second.example");
}

}  // namespace
}  // namespace paddock::gateway
