#include "sql/dialect.h"

#include <gtest/gtest.h>

namespace paddock::sql {
namespace {

TEST(Dialect, EveryNameIsReadAsWhatItNames) {
  for (int i = 0; i <= static_cast<int>(kLastDialect); ++i) {
    const auto dialect = static_cast<Dialect>(i);
    EXPECT_FALSE(Name(dialect).empty());
    EXPECT_EQ(ParseDialect(Name(dialect)), dialect);
  }
}

TEST(Dialect, OtherNamesAreNone) {
  for (const std::string_view name : {"", "SQLITE", "sqlite ", "postgresql", "mysql"}) {
    EXPECT_EQ(ParseDialect(name), std::nullopt) << name;
  }
}

}  // namespace
}  // namespace paddock::sql
