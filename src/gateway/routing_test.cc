// Router, targets, addresses, metrics: what needs no socket.

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/client_address.h"
#include "gateway/metrics.h"
#include "gateway/router.h"
#include "gateway/target.h"

namespace paddock::gateway {
namespace {

using ::testing::HasSubstr;

aio::Task<Response> Answer(Request& /*request*/) { co_return NoContent(); }

void AddRoute(Router& router, Method method, std::string pattern) {
  Route route;
  route.method = method;
  route.pattern = std::move(pattern);
  route.handler = Answer;
  router.Add(std::move(route));
}

TEST(RouterTest, AnExactSegmentWinsOverAParameter) {
  Router router;
  AddRoute(router, Method::kGet, "/a/{id}/files");
  AddRoute(router, Method::kGet, "/a/{id}/files/list");
  AddRoute(router, Method::kGet, "/a/{id}");
  AddRoute(router, Method::kGet, "/a/new");
  EXPECT_EQ(router.Find(Method::kGet, "/a/new").route->pattern, "/a/new");
  const auto match = router.Find(Method::kGet, "/a/x/files/list");
  EXPECT_EQ(match.route->pattern, "/a/{id}/files/list");
  ASSERT_EQ(match.parameters.size(), 1U);
  EXPECT_EQ(match.parameters[0].second, "x");
  EXPECT_EQ(router.Find(Method::kHead, "/a/x").route->pattern, "/a/{id}");
}

TEST(RouterTest, WhatDoesNotMatchFindsNothingOrTheAllowedMethods) {
  Router router;
  AddRoute(router, Method::kGet, "/a/{id}");
  AddRoute(router, Method::kDelete, "/a/{id}");
  for (const char* path : {"/", "/a", "/a/", "/a/x/", "/a/x/y", "/b"}) {
    const auto match = router.Find(Method::kGet, path);
    EXPECT_EQ(match.route, nullptr) << path;
    EXPECT_TRUE(match.allowed.empty()) << path;
  }
  EXPECT_EQ(router.Find(Method::kPost, "/a/x").allowed,
            (std::vector{Method::kGet, Method::kDelete}));
}

TEST(RouterTest, ARouteOfTheApiSaysWhatItsCallerMustBeAllowedToDo) {
  Router router;
  EXPECT_DEATH(AddRoute(router, Method::kGet, "/api/v1/things"), "");
  Route open{.pattern = "/api/v1/open", .handler = Answer, .access = Access::kPublic};
  router.Add(open);
  open.pattern = "/api/v1/both";
  open.action = identity::Action::kReadServer;
  EXPECT_DEATH(router.Add(open), "") << "nobody would ask for it";
  open.access = Access::kUser;
  router.Add(open);
  AddRoute(router, Method::kGet, "/page");
  EXPECT_EQ(router.routes().size(), 3U);
}

TEST(TargetTest, PathAndQueryAreDecodedOnce) {
  const auto target = DecodeTarget("/a%20b/%2525?path=%2Fetc%2F..&q=a+b&&empty=&bare");
  ASSERT_TRUE(target.has_value());
  EXPECT_EQ(target->path, "/a b/%25");
  EXPECT_THAT(target->query,
              ::testing::ElementsAre(std::pair("path", "/etc/.."), std::pair("q", "a b"),
                                     std::pair("empty", ""), std::pair("bare", "")));
  EXPECT_EQ(DecodeTarget("/")->path, "/");
  EXPECT_EQ(DecodeTarget("/a/")->path, "/a/");
}

TEST(TrustedProxiesTest, NetworksMatchByPrefixInBothFamilies) {
  const auto proxies = TrustedProxies::Parse({"10.1.0.0/12", "127.0.0.1", "fd00:1::/33"});
  ASSERT_TRUE(proxies.has_value());
  for (const char* inside : {"10.0.0.1", "10.15.255.255", "127.0.0.1", "fd00:1:7fff::1"}) {
    EXPECT_TRUE(proxies->Contains(*ParseIpAddress(inside))) << inside;
  }
  for (const char* outside : {"10.16.0.0", "127.0.0.2", "fd00:1:8000::1", "::1", "0.0.0.0"}) {
    EXPECT_FALSE(proxies->Contains(*ParseIpAddress(outside))) << outside;
  }
}

TEST(TrustedProxiesTest, AnEntryThatIsNoNetworkIsNamed) {
  for (const char* entry :
       {"", "x", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "::/129", "1.2.3"}) {
    const auto proxies = TrustedProxies::Parse({entry});
    ASSERT_FALSE(proxies.has_value()) << entry;
    EXPECT_THAT(proxies.error().message, HasSubstr(std::string("'") + entry + "'"));
  }
}

TEST(IpAddressTest, LimitsCountAnIpv6NetworkAsOne) {
  EXPECT_EQ(ParseIpAddress("2001:db8:1:2:3::4")->LimitKey(), "2001:db8:1:2::/64");
  EXPECT_EQ(ParseIpAddress("::ffff:1.2.3.4")->LimitKey(), "1.2.3.4");
  EXPECT_EQ(ParseIpAddress("1.2.3.4")->Text(), "1.2.3.4");
}

TEST(MetricsTest, TheTextIsWhatPrometheusReads) {
  Metrics metrics;
  metrics.GetCounter("c_total", "A counter.", {{"kind", "a\"b\\c\nd"}}).Add(3);
  metrics.GetGauge("g", "A gauge.").Add(-2);
  Histogram& histogram = metrics.GetHistogram("h_seconds", "A histogram.");
  histogram.Observe(0.001);
  histogram.Observe(0.3);
  histogram.Observe(100);
  metrics.AddProbe("p", "A probe.", [] { return 1.5; });
  const std::string text = metrics.Text();
  EXPECT_THAT(text, HasSubstr("# HELP c_total A counter.\n# TYPE c_total counter\n"));
  EXPECT_THAT(text, HasSubstr("c_total{kind=\"a\\\"b\\\\c\\nd\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("g -2\n"));
  EXPECT_THAT(text, HasSubstr("p 1.5\n"));
  EXPECT_THAT(text, HasSubstr("h_seconds_bucket{le=\"0.001\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("h_seconds_bucket{le=\"0.5\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("h_seconds_bucket{le=\"30\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("h_seconds_bucket{le=\"+Inf\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("h_seconds_sum 100.301\n"));
  EXPECT_THAT(text, HasSubstr("h_seconds_count 3\n"));
}

TEST(OriginTest, APublicOriginIsReadAsBrowsersWriteIt) {
  EXPECT_EQ(ParseOrigin("https://Paddock.Example/").value(), "https://paddock.example");
  EXPECT_EQ(ParseOrigin("HTTPS://paddock.example:443").value(), "https://paddock.example");
  EXPECT_EQ(ParseOrigin("http://[::1]:3006").value(), "http://[::1]:3006");
  for (const char* text :
       {"", "paddock.example", "ftp://a", "https://", "https://a/b", "https://a:0", "https://a:x",
        "https://a?b", "https://a b", "https://u@a"}) {
    EXPECT_FALSE(ParseOrigin(text)) << text;
  }
}

}  // namespace
}  // namespace paddock::gateway
