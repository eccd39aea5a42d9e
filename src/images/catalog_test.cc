#include "images/catalog.h"

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "images/files.h"
#include "images/manifest.h"
#include "images/sha256.h"
#include "images/testing/temp_directory.h"

namespace paddock::images {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::chrono::seconds kHour{3600};
const auto kStart = std::chrono::system_clock::from_time_t(1'790'000'000);

Image MakeImage(std::string_view name, std::string_view seed) {
  return Image{.name = std::string(name),
               .digest = Sha256(seed),
               .description = {{"en", "A \"quoted\" \\ word\n"}, {"zh", "机器"}},
               .suite = "bookworm",
               .rootfs = {},
               .env = {{"LANG", "C.UTF-8"}},
               .cwd = "/root",
               .boot = "/etc/paddock/boot",
               .minimum = {.memory = 64_MiB, .disk = 1_GiB, .process_count = 12},
               .recipe_key = Sha256("key"),
               .built_at = kStart,
               .size = 300_MiB};
}

class CatalogTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = Catalog::Open(temp_.path());
    ASSERT_TRUE(opened) << opened.error().message;
    catalog_.emplace(*std::move(opened));
  }

  // As the builder does it.
  void Publish(const Image& image, bool is_current = true) {
    const std::string hex = image.digest.substr(7);
    const auto directory = catalog_->directory() / hex;
    ASSERT_TRUE(MakeDirectories(directory / "rootfs/etc"));
    ASSERT_TRUE(WriteFile(directory / "manifest.json", FormatManifest(image)));
    if (is_current) {
      const auto link = catalog_->directory() / "names" / image.name;
      std::filesystem::remove(link);
      std::filesystem::create_symlink("../" + hex, link);
    }
  }

  static Result<std::string> NobodyNeedsIt(const Image& /*image*/) { return std::string(); }

  TempDirectory temp_;
  std::optional<Catalog> catalog_;
};

TEST_F(CatalogTest, AnImageIsFoundByNameAndByDigestWithAllItsFields) {
  const Image image = MakeImage("base", "a");
  Publish(image);
  for (const std::string& reference : {std::string("base"), image.PinnedName()}) {
    const auto found = catalog_->Find(reference);
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->PinnedName(), image.PinnedName());
    EXPECT_EQ(found->description, image.description);
    EXPECT_EQ(found->suite, image.suite);
    EXPECT_EQ(found->env, image.env);
    EXPECT_EQ(found->cwd, image.cwd);
    EXPECT_EQ(found->boot, image.boot);
    EXPECT_EQ(found->minimum, image.minimum);
    EXPECT_EQ(found->recipe_key, image.recipe_key);
    EXPECT_EQ(found->built_at, image.built_at);
    EXPECT_EQ(found->size, image.size);
    EXPECT_TRUE(std::filesystem::is_directory(found->rootfs / "etc"));
  }
}

TEST_F(CatalogTest, WhatIsNotThereIsNotFound) {
  Publish(MakeImage("base", "a"));
  const std::string other_name = "code@" + Sha256("a");
  for (const std::string& reference : {std::string("code"), "base@" + Sha256("b"), other_name}) {
    const auto found = catalog_->Find(reference);
    ASSERT_FALSE(found) << reference;
    EXPECT_EQ(found.error().code, Code::kNotFound) << reference;
  }
}

TEST_F(CatalogTest, AReferenceThatCouldBeAPathIsInvalid) {
  for (const std::string_view reference :
       {"", "..", "../base", "/etc", "Base", "base@", "base@sha256:00", "base@md5:x", "base/x",
        "9base",
        "base@sha256:../../../../../../../../../../../../../../../../../../../../../etc"}) {
    const auto found = catalog_->Find(reference);
    ASSERT_FALSE(found) << reference;
    EXPECT_EQ(found.error().code, Code::kInvalid) << reference;
  }
}

TEST_F(CatalogTest, TheListIsSortedByNameWithTheNewestFirst) {
  Image newer = MakeImage("base", "newer");
  newer.built_at = kStart + kHour;
  Publish(MakeImage("base", "older"));
  Publish(newer);
  Publish(MakeImage("aaa", "third"));
  const auto images = catalog_->List();
  ASSERT_TRUE(images);
  ASSERT_THAT(*images, SizeIs(3));
  EXPECT_EQ((*images)[0].name, "aaa");
  EXPECT_EQ((*images)[1].digest, newer.digest);
  EXPECT_EQ((*images)[2].digest, Sha256("older"));
}

TEST_F(CatalogTest, WhatIsUnfinishedOrDamagedIsNoImage) {
  const Image image = MakeImage("base", "a");
  Publish(image);
  const auto directory = catalog_->directory() / image.digest.substr(7);
  ASSERT_TRUE(MakeDirectories(catalog_->directory() / ".building-code/rootfs"));
  ASSERT_TRUE(MakeDirectories(catalog_->directory() / std::string(64, 'a')));
  ASSERT_TRUE(WriteFile(directory / "manifest.json", FormatManifest(image).substr(0, 100)));
  const auto images = catalog_->List();
  ASSERT_TRUE(images);
  EXPECT_THAT(*images, IsEmpty());
  EXPECT_EQ(catalog_->Find("base").error().code, Code::kInternal);
}

TEST_F(CatalogTest, AnImageInUseIsNotRemoved) {
  const Image image = MakeImage("base", "a");
  Publish(image);
  const auto removed = catalog_->Remove("base", [](const Image& asked) -> Result<std::string> {
    return "used by sandbox x of " + asked.name;
  });
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().code, Code::kConflict);
  EXPECT_THAT(removed.error().message, HasSubstr("used by sandbox x of base"));
  EXPECT_TRUE(catalog_->Find("base"));
}

TEST_F(CatalogTest, AnImageThatASandboxTakesDuringItsRemovalStays) {
  const Image image = MakeImage("base", "a");
  Publish(image);
  int asked_count = 0;
  const auto removed =
      catalog_->Remove("base", [&asked_count](const Image&) -> Result<std::string> {
        return ++asked_count == 1 ? std::string() : "used by sandbox x";
      });
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().code, Code::kConflict);
  const auto found = catalog_->Find("base");
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->digest, image.digest);
  EXPECT_TRUE(catalog_->Find(image.PinnedName()));
}

TEST_F(CatalogTest, AnImageOfWhichNobodyCanTellIsNotRemoved) {
  Publish(MakeImage("base", "a"));
  const auto removed = catalog_->Remove("base", [](const Image&) -> Result<std::string> {
    return Fail(Code::kUnavailable, "journal unreadable");
  });
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().code, Code::kUnavailable);
  EXPECT_TRUE(catalog_->Find("base"));
}

TEST_F(CatalogTest, ARemovedImageLeavesNothing) {
  const Image image = MakeImage("base", "a");
  Publish(image);
  ASSERT_TRUE(catalog_->Remove("base", NobodyNeedsIt));
  EXPECT_EQ(catalog_->Find("base").error().code, Code::kNotFound);
  EXPECT_EQ(catalog_->Find(image.PinnedName()).error().code, Code::kNotFound);
  int left = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(catalog_->directory())) {
    left += entry.path().filename() == "names" ? 0 : 1;
  }
  EXPECT_EQ(left, 0);
}

TEST_F(CatalogTest, RemovingAnOldBuildLeavesTheNameWithTheNewOne) {
  const Image older = MakeImage("base", "older");
  Publish(older);
  Publish(MakeImage("base", "newer"));
  ASSERT_TRUE(catalog_->Remove(older.PinnedName(), NobodyNeedsIt));
  const auto found = catalog_->Find("base");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->digest, Sha256("newer"));
}

}  // namespace
}  // namespace paddock::images
