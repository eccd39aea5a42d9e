#include "questions/visibility.h"

#include <gtest/gtest.h>

namespace paddock::questions {
namespace {

constexpr std::string_view kClass = "class:mfrggzdfmztwq2lknnwg23tpoa";

TEST(Visibility, HasFourForms) {
  for (const auto text : {kEveryone, kAccounts, kTeachers, kClass}) {
    EXPECT_TRUE(IsVisibility(text)) << text;
  }
  for (const std::string_view text : {"", "nobody", "class:", "class:x", "*", "Everyone"}) {
    EXPECT_FALSE(IsVisibility(text)) << text;
  }
}

}  // namespace
}  // namespace paddock::questions
