#include "oidc/url.h"

#include <string>

#include <gtest/gtest.h>

namespace paddock::oidc {
namespace {

TEST(Url, TakesHttpsAndNamesItsParts) {
  const auto url = ParseUrl("https://Id.Example.com:8443/realms/a?b=c%20d");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme, "https");
  EXPECT_EQ(url->host, "id.example.com");
  EXPECT_EQ(url->authority, "id.example.com:8443");
  EXPECT_EQ(url->path, "/realms/a?b=c%20d");
  EXPECT_FALSE(url->is_loopback);
  for (const char* good : {"https://a", "https://a/", "https://a?b", "https://[2001:db8::1]:1/x",
                           "https://10.0.0.1", "https://127.0.0.1:65535"}) {
    EXPECT_TRUE(ParseUrl(good)) << good;
  }
}

TEST(Url, TakesHttpForLoopbackHostsOnly) {
  for (const char* good : {"http://localhost", "http://localhost:3000/oidc", "http://127.0.0.1:1",
                           "http://127.1.2.3/", "http://[::1]:8080/a", "http://LOCALHOST"}) {
    const auto url = ParseUrl(good);
    ASSERT_TRUE(url) << good;
    EXPECT_TRUE(url->is_loopback);
  }
  for (const char* bad :
       {"http://example.com", "http://localhost.example.com", "http://127.0.0.1.example.com",
        "http://127.1", "http://0127.0.0.1", "http://127.0.0.1.", "http://127.0.0.256",
        "http://128.0.0.1", "http://0.0.0.0", "http://[::]", "http://[::ffff:127.0.0.1]",
        "http://2130706433", "http://0x7f.0.0.1", "http://127.0.0.1.1"}) {
    const auto url = ParseUrl(bad);
    ASSERT_FALSE(url) << bad;
    EXPECT_EQ(url.error().code, Code::kInvalid);
  }
}

TEST(Url, RefusesWhatTwoReadersMightReadDifferently) {
  for (const std::string& bad : {std::string(""),
                                 std::string("https://"),
                                 std::string("https:///a"),
                                 std::string("//a"),
                                 std::string("ftp://a"),
                                 std::string("HTTPS://a"),
                                 std::string("https:/a"),
                                 std::string("https://user@a"),
                                 std::string("https://a:b@c"),
                                 std::string("https://a\\b"),
                                 std::string("https://a /"),
                                 std::string("https://a/ b"),
                                 std::string("https://a/\r\nx"),
                                 std::string("https://a#b"),
                                 std::string("https://a/b#c"),
                                 std::string("https://a:0"),
                                 std::string("https://a:65536"),
                                 std::string("https://a:"),
                                 std::string("https://a:1x"),
                                 std::string("https://a:1:2"),
                                 std::string("https://[::1"),
                                 std::string("https://[]"),
                                 std::string("https://[::1]x"),
                                 std::string("https://\xC3\xA4"),
                                 std::string("https://a%62"),
                                 "https://a/" + std::string(kUrlBytesMax, 'a'),
                                 std::string("https://a\0b", 11)}) {
    EXPECT_FALSE(ParseUrl(bad)) << bad.substr(0, 50);
  }
}

TEST(Url, EncodesEverythingThatHasAMeaning) {
  EXPECT_EQ(PercentEncode("aZ0-._~"), "aZ0-._~");
  EXPECT_EQ(PercentEncode("a b+c&d=e/\xC3\xA4%"), "a%20b%2Bc%26d%3De%2F%C3%A4%25");
  EXPECT_EQ(FormEncode({{"a", "1"}, {"b c", "&"}, {"d", ""}}), "a=1&b%20c=%26&d=");
  EXPECT_EQ(FormEncode({}), "");
}

}  // namespace
}  // namespace paddock::oidc
