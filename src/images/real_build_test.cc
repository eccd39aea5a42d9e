// One tiny recipe, built with the real mmdebstrap from the host's own mirror. Needs root.
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "images/builder.h"
#include "images/catalog.h"
#include "images/files.h"
#include "images/testing/temp_directory.h"

namespace paddock::images {
namespace {

constexpr std::chrono::minutes kPlenty{10};

TEST(RealBuildTest, ATinyRecipeIsBuiltOnceFoundAgainAndRemoved) {
  ASSERT_EQ(geteuid(), 0U) << "building images needs root";
  const TempDirectory temp;
  const auto catalog = Catalog::Open(temp.path());
  ASSERT_TRUE(catalog);
  Recipe recipe;
  recipe.name = "tiny";
  recipe.suite = "bookworm";
  recipe.packages = {"tree"};
  recipe.files = {{.path = "/etc/paddock/boot", .mode = 0755, .content = "#!/bin/sh\n"}};
  recipe.commands = {"tree --version > /etc/tree-version"};
  recipe.cwd = "/root";
  recipe.boot = "/etc/paddock/boot";

  int last_percent = 0;
  Builder builder(*catalog, BuildHost{}, [&](const Progress& progress) {
    EXPECT_GE(progress.percent, last_percent);
    last_percent = progress.percent;
  });
  const auto image = builder.Build(recipe, false, Deadline::After(kPlenty));
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(last_percent, 100);
  EXPECT_THAT(ReadFile(image->rootfs / "etc/tree-version").value_or(""),
              ::testing::StartsWith("tree v"));
  for (const char* mount_point : {"dev", "proc", "sys"}) {
    EXPECT_TRUE(std::filesystem::is_empty(image->rootfs / mount_point)) << mount_point;
  }
  EXPECT_EQ(ReadFile(image->rootfs / "etc/machine-id").value_or("?"), "");
  EXPECT_TRUE(std::filesystem::is_empty(image->rootfs / "var/lib/apt/lists"));
  EXPECT_TRUE(std::filesystem::exists(image->rootfs / "usr/bin/apt-get"));
  struct stat info{};
  ASSERT_EQ(lstat(image->rootfs.c_str(), &info), 0);
  EXPECT_EQ(info.st_uid, 0U);
  EXPECT_EQ(info.st_mode & 07777U, 0755U);

  const auto before = std::chrono::steady_clock::now();
  const auto again = builder.Build(recipe, false, Deadline::After(kPlenty));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->digest, image->digest);
  EXPECT_EQ(again->built_at, catalog->Find("tiny")->built_at);
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(5));

  const auto removed =
      catalog->Remove("tiny", [](const Image&) -> Result<std::string> { return std::string(); });
  EXPECT_TRUE(removed);
  EXPECT_FALSE(std::filesystem::exists(image->rootfs));
}

}  // namespace
}  // namespace paddock::images
