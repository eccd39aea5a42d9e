#include "images/shipped.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "images/builder.h"

namespace paddock::images {
namespace {

TEST(ShippedTest, EveryShippedRecipeIsValid) {
  EXPECT_THAT(ShippedRecipeNames(), ::testing::ElementsAre("base", "code", "mariadb", "postgres"));
  for (const std::string_view name : ShippedRecipeNames()) {
    const auto recipe = LoadRecipe(name, ShippedRecipes());
    ASSERT_TRUE(recipe) << recipe.error().message;
    EXPECT_GT(recipe->minimum.memory.count, 0U) << name;
  }
}

TEST(ShippedTest, EveryShippedRecipeHasAKeyOfItsOwn) {
  std::vector<std::string> keys;
  for (const std::string_view name : ShippedRecipeNames()) {
    const auto recipe = LoadRecipe(name, ShippedRecipes());
    ASSERT_TRUE(recipe);
    EXPECT_THAT(keys, ::testing::Not(::testing::Contains(RecipeKey(*recipe))));
    keys.push_back(RecipeKey(*recipe));
  }
}

TEST(ShippedTest, AnotherNameIsNotFound) {
  const auto recipe = LoadRecipe("windows", ShippedRecipes());
  ASSERT_FALSE(recipe);
  EXPECT_EQ(recipe.error().code, Code::kNotFound);
}

}  // namespace
}  // namespace paddock::images
