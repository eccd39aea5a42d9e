#include "sqlrunner/role_check.h"

#include <gtest/gtest.h>

namespace paddock::sqlrunner {
namespace {

TEST(RoleCheck, GrantsThatOnlyReadAreFine) {
  for (const char* grant :
       {"GRANT USAGE ON *.* TO `r`@`%` IDENTIFIED BY PASSWORD '*ABC'",
        "GRANT SELECT ON `shop`.* TO `r`@`%`", "GRANT SELECT, SHOW VIEW ON `shop`.* TO `r`@`%`",
        "GRANT SELECT (`a`, `b ON c`) ON `shop`.`t` TO `r`@`%`",
        "GRANT SELECT (`a``, INSERT`) ON `shop`.`t` TO `r`@`%`", "SET DEFAULT ROLE NONE FOR r"}) {
    EXPECT_EQ(BeyondReading(grant), "") << grant;
  }
}

TEST(RoleCheck, GrantsThatDoMoreAreNamedWithoutThePassword) {
  struct Case {
    const char* grant;
    const char* beyond;
  };
  for (const auto& [grant, beyond] : std::initializer_list<Case>{
           {"GRANT ALL PRIVILEGES ON *.* TO `r`@`%` IDENTIFIED BY PASSWORD '*ABC'",
            "ALL PRIVILEGES"},
           {"GRANT SELECT, INSERT ON `shop`.* TO `r`@`%`", "INSERT"},
           {"GRANT SELECT, UPDATE (`a`) ON `shop`.`t` TO `r`@`%`", "UPDATE"},
           {"GRANT FILE ON *.* TO `r`@`%`", "FILE"},
           {"GRANT CREATE TEMPORARY TABLES ON `shop`.* TO `r`@`%`", "CREATE TEMPORARY TABLES"},
           {"GRANT EXECUTE ON PROCEDURE `shop`.`p` TO `r`@`%`", "EXECUTE"},
           {"GRANT SELECT ON `shop`.* TO `r`@`%` WITH GRANT OPTION", "GRANT OPTION"},
           {"GRANT PROXY ON ''@'%' TO 'r'@'%'", "PROXY"},
           {"GRANT `writers` TO `r`@`%`", "a role of its own"},
           {"SET DEFAULT ROLE `writers` FOR `r`@`%`", "a role of its own"},
           {"nonsense", "a role of its own"}}) {
    EXPECT_EQ(BeyondReading(grant), beyond) << grant;
  }
}

}  // namespace
}  // namespace paddock::sqlrunner
