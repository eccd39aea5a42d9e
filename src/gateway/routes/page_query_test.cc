#include "gateway/routes/page_query.h"

#include <string>

#include <gtest/gtest.h>

#include "gateway/routes/host_load.h"

namespace paddock::gateway {
namespace {

Request With(std::string name, std::string value) {
  Request request;
  request.query.emplace_back(std::move(name), std::move(value));
  return request;
}

TEST(PageQuery, ALimitIsBetweenOneAndTwoHundred) {
  EXPECT_EQ(ReadPageLimit(Request()), kPageLimitInitial);
  EXPECT_EQ(ReadPageLimit(With("limit", "1")), 1);
  EXPECT_EQ(ReadPageLimit(With("limit", "200")), 200);
  for (const char* bad : {"", "0", "-1", "201", "1.5", "ten", "1 ", "99999999999999999999"}) {
    const auto limit = ReadPageLimit(With("limit", bad));
    ASSERT_FALSE(limit) << bad;
    EXPECT_EQ(limit.error().code, Code::kInvalid);
    EXPECT_TRUE(limit.error().message.starts_with("limit ")) << "names the field";
  }
}

TEST(PageQuery, ACursorIsAnId) {
  const auto id = NewIdText();
  EXPECT_EQ(*ReadIdFilter(With("after", id), "after"), id);
  EXPECT_EQ(*ReadIdFilter(Request(), "after"), std::nullopt);
  EXPECT_FALSE(ReadIdFilter(With("after", "' OR 1=1"), "after"));
  EXPECT_FALSE(ReadPage(With("after", "x")));
}

TEST(PageQuery, ATimeIsWholeAndExists) {
  const auto time = ReadTimeFilter(With("until", "2026-11-20T23:00:01Z"), "until");
  ASSERT_TRUE(time && *time);
  EXPECT_EQ(std::chrono::duration_cast<std::chrono::seconds>((**time).time_since_epoch()).count(),
            1'795'215'601);
  for (const char* bad : {"2026-11-20", "2026-02-30T00:00:00Z", "2026-11-20T24:00:00Z",
                          "2026-11-20T23:00:00+01:00", "x026-11-20T23:00:00Z"}) {
    EXPECT_FALSE(ReadTimeFilter(With("until", bad), "until")) << bad;
  }
}

TEST(HostLoad, IsReadFromTheKernelsForms) {
  HostLoad load;
  ParseLoadAverage("0.52 1.25 12.00 1/234 5678\n", load);
  EXPECT_DOUBLE_EQ(load.one, 0.52);
  EXPECT_DOUBLE_EQ(load.five, 1.25);
  EXPECT_DOUBLE_EQ(load.fifteen, 12.0);
  ParseMemoryInfo("MemTotal:        4030464 kB\nMemFree: 1 kB\nMemAvailable:   2015232 kB\n", load);
  EXPECT_EQ(load.memory_total_bytes, 4'030'464ULL * 1024);
  EXPECT_EQ(load.memory_available_bytes, 2'015'232ULL * 1024);
}

TEST(HostLoad, WhatCannotBeReadIsZero) {
  HostLoad load;
  for (const char* text : {"", "nonsense", "MemTotal:", "MemTotal: x kB"}) {
    ParseLoadAverage(text, load);
    ParseMemoryInfo(text, load);
    EXPECT_EQ(load.one, 0);
    EXPECT_EQ(load.memory_total_bytes, 0U);
  }
  EXPECT_EQ(ReadHostLoad("/nowhere/at/all").disk_total_bytes, 0U);
  EXPECT_GT(ReadHostLoad("/").disk_total_bytes, 0U);
  EXPECT_GT(ReadHostLoad("/").memory_total_bytes, 0U);
}

}  // namespace
}  // namespace paddock::gateway
