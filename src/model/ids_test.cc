#include "model/ids.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace paddock {
namespace {

TEST(IdsTest, ANewIdIsAnIdText) {
  for (int i = 0; i < 1000; ++i) {
    const std::string text = NewIdText();
    EXPECT_TRUE(IsIdText(text)) << text;
  }
}

TEST(IdsTest, NewIdsDiffer) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    seen.insert(NewIdText());
  }
  EXPECT_EQ(seen.size(), 1000U);
}

TEST(IdsTest, RefusesWhatIsNotAnId) {
  EXPECT_FALSE(IsIdText(""));
  EXPECT_FALSE(IsIdText("../../../../../../etc/pass"));
  EXPECT_FALSE(IsIdText(std::string(25, 'a')));
  EXPECT_FALSE(IsIdText(std::string(27, 'a')));
  EXPECT_FALSE(IsIdText(std::string(25, 'a') + 'A'));
  EXPECT_FALSE(IsIdText(std::string(25, 'a') + '1'));
  EXPECT_FALSE(IsIdText(std::string(25, 'a') + 'b')) << "bits beyond the 128th must be zero";
  EXPECT_TRUE(IsIdText(std::string(26, 'a')));
}

}  // namespace
}  // namespace paddock
