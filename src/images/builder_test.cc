// The builder with a fake mmdebstrap; real_build_test.cc has the real one. Needs root.
#include "images/builder.h"

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "images/files.h"
#include "images/testing/fake_mmdebstrap.h"
#include "images/testing/temp_directory.h"

namespace paddock::images {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr std::chrono::seconds kPlenty{60};
constexpr std::chrono::milliseconds kPollInterval{10};

Recipe TinyRecipe() {
  Recipe recipe;
  recipe.name = "tiny";
  recipe.description = {{"en", "tiny"}, {"zh", "小"}};
  recipe.suite = "bookworm";
  recipe.cwd = "/root";
  return recipe;
}

// True when a process with `text` in its command line exists, other than this one.
bool SomeProcessHas(std::string_view text) {
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string pid = entry.path().filename();
    if (pid.find_first_not_of("0123456789") == std::string::npos &&
        pid != std::to_string(getpid()) &&
        ReadFile(entry.path() / "cmdline").value_or("").find(text) != std::string::npos) {
      return true;
    }
  }
  return false;
}

// The kernel ends the processes of a namespace after its first one, not at the same instant.
bool GoneWithin(std::string_view text, std::chrono::seconds limit) {
  const auto deadline = Deadline::After(limit);
  while (SomeProcessHas(text)) {
    if (deadline.Passed()) {
      return false;
    }
    std::this_thread::sleep_for(kPollInterval);
  }
  return true;
}

class BuilderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(geteuid(), 0U) << "building images needs root";
    Open(temp_.path());
  }

  void Open(const std::filesystem::path& data_dir) {
    auto opened = Catalog::Open(data_dir);
    ASSERT_TRUE(opened) << opened.error().message;
    catalog_.emplace(*std::move(opened));
  }

  Result<Image> Build(const Recipe& recipe, bool refresh = false) {
    Builder builder(*catalog_, fake_.Host(), {});
    return builder.Build(recipe, refresh, Deadline::After(kPlenty));
  }

  // Everything below the images directory but the lock and the empty directory of names.
  [[nodiscard]] std::vector<std::string> Left() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(catalog_->directory())) {
      const std::string name = entry.path().filename();
      if (name != ".lock" && name != "names") {
        names.push_back(name);
      }
    }
    return names;
  }

  TempDirectory temp_;
  FakeMmdebstrap fake_;
  std::optional<Catalog> catalog_;
};

TEST_F(BuilderTest, ARecipeBecomesAnImageWithItsFilesAndCommands) {
  Recipe recipe = TinyRecipe();
  recipe.files = {{.path = "/etc/early", .mode = 0600, .content = "a", .before_packages = true},
                  {.path = "/srv/it's $(here)/f", .mode = 0755, .content = "#!/bin/sh\n"}};
  recipe.commands = {"cat /etc/early > /etc/seen", "echo \"$HOME\" >> /etc/seen"};
  recipe.boot = "/srv/it's $(here)/f";
  const auto image = Build(recipe);
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(ReadFile(image->rootfs / "etc/seen").value_or(""), "a/root\n");
  struct stat info{};
  ASSERT_EQ(stat((image->rootfs / "srv/it's $(here)/f").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0755U);
  ASSERT_EQ(stat((image->rootfs / "etc/early").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0600U);
  EXPECT_GT(image->size.count, 0U);
  EXPECT_EQ(catalog_->Find("tiny")->digest, image->digest);
}

TEST_F(BuilderTest, NothingOfTheHostOrTheBuildStaysInTheImage) {
  const auto image = Build(TinyRecipe());
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_TRUE(std::filesystem::is_empty(image->rootfs / "dev"));
  EXPECT_FALSE(std::filesystem::exists(image->rootfs / "etc/hostname"));
  EXPECT_EQ(ReadFile(image->rootfs / "etc/machine-id").value_or("?"), "");
  EXPECT_THAT(ReadFile(image->rootfs / "etc/apt/sources.list").value_or("mirror"),
              Not(HasSubstr("mirror")));
  EXPECT_FALSE(std::filesystem::exists(image->rootfs.parent_path() / "stage"));
  EXPECT_THAT(ReadFile(image->rootfs.parent_path() / "build.log").value_or(""),
              HasSubstr("I: running"));
}

TEST_F(BuilderTest, AnUnchangedRecipeIsNotBuiltAgain) {
  const auto first = Build(TinyRecipe());
  ASSERT_TRUE(first) << first.error().message;
  Recipe reworded = TinyRecipe();
  reworded.description["en"] = "other words";
  const auto second = Build(reworded);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->digest, first->digest);
  EXPECT_EQ(fake_.RunCount(), 1);
}

TEST_F(BuilderTest, AChangedRecipeTakesTheNameAndTheOldImageStays) {
  const auto first = Build(TinyRecipe());
  Recipe changed = TinyRecipe();
  changed.env = {{"A", "1"}};
  const auto second = Build(changed);
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->digest, second->digest);
  EXPECT_EQ(catalog_->Find("tiny")->digest, second->digest);
  EXPECT_TRUE(catalog_->Find(first->PinnedName()));
  const auto back = Build(TinyRecipe());
  ASSERT_TRUE(back);
  EXPECT_EQ(catalog_->Find("tiny")->digest, first->digest);
  EXPECT_EQ(fake_.RunCount(), 2);
}

TEST_F(BuilderTest, ARefreshChangesTheDigestOnlyWithThePackages) {
  const auto first = Build(TinyRecipe());
  const auto same = Build(TinyRecipe(), true);
  ASSERT_TRUE(first && same);
  EXPECT_EQ(same->digest, first->digest);
  fake_.PackageVersion("1.1");
  const auto newer = Build(TinyRecipe(), true);
  ASSERT_TRUE(newer);
  EXPECT_NE(newer->digest, first->digest);
  EXPECT_EQ(catalog_->Find("tiny")->digest, newer->digest);
  EXPECT_TRUE(catalog_->Find(first->PinnedName()));
  EXPECT_EQ(fake_.RunCount(), 3);
}

TEST_F(BuilderTest, AFailureShowsTheLastLinesKeepsTheLogAndLeavesNothingElse) {
  fake_.Script("i=0; while [ $i -lt 40 ]; do echo \"line $i\"; i=$((i + 1)); done; exit 25");
  const auto image = Build(TinyRecipe());
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().code, Code::kUnavailable);
  EXPECT_THAT(
      image.error().message,
      AllOf(HasSubstr("build image 'tiny'"), HasSubstr("failed with status 25"),
            HasSubstr("line 39\n"), Not(HasSubstr("line 3\n")), HasSubstr("failed-tiny.log")));
  EXPECT_THAT(Left(), ::testing::ElementsAre("failed-tiny.log"));
  EXPECT_THAT(ReadFile(catalog_->directory() / "failed-tiny.log").value_or(""),
              HasSubstr("line 3\n"));
  EXPECT_EQ(catalog_->Find("tiny").error().code, Code::kNotFound);
}

TEST_F(BuilderTest, AFailingCommandOfTheRecipeFailsTheBuild) {
  Recipe recipe = TinyRecipe();
  recipe.commands = {"true", "echo on its way >&2; false; echo never"};
  const auto image = Build(recipe);
  ASSERT_FALSE(image);
  EXPECT_THAT(image.error().message,
              AllOf(HasSubstr("command 2 of 2"), HasSubstr("on its way"), Not(HasSubstr("never"))));
}

TEST_F(BuilderTest, WhatACommandLeavesRunningEndsBeforeTheNextCommand) {
  const std::string marker = fmt::format("98767.{}", getpid());
  Recipe recipe = TinyRecipe();
  recipe.commands = {
      fmt::format("sh -c 'while :; do read -r line || :; done' {} & echo started", marker), "true"};
  bool was_running = true;
  Builder builder(*catalog_, fake_.Host(), [&](const Progress& progress) {
    if (progress.line == "paddock: command 2 of 2") {
      was_running = SomeProcessHas(marker);
    }
  });
  const auto image = builder.Build(recipe, false, Deadline::After(kPlenty));
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_FALSE(was_running);
}

TEST_F(BuilderTest, ABootProgramThatIsNotThereFailsTheBuild) {
  Recipe recipe = TinyRecipe();
  recipe.boot = "/etc/paddock/boot";
  const auto image = Build(recipe);
  ASSERT_FALSE(image);
  EXPECT_THAT(image.error().message,
              HasSubstr("boot: /etc/paddock/boot is not an executable file in the image"));
}

TEST_F(BuilderTest, AnUnknownPackageIsTheRecipesMistake) {
  fake_.Script("echo 'E: Unable to locate package bsah' >&2; exit 100");
  const auto image = Build(TinyRecipe());
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().code, Code::kInvalid);
  EXPECT_THAT(image.error().message, HasSubstr("bsah"));
}

TEST_F(BuilderTest, AMissingMmdebstrapSaysWhatToInstall) {
  BuildHost host = fake_.Host();
  host.mmdebstrap = fake_.directory() / "nowhere";
  const auto image =
      Builder(*catalog_, host, {}).Build(TinyRecipe(), false, Deadline::After(kPlenty));
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().code, Code::kUnavailable);
  EXPECT_THAT(image.error().message, HasSubstr("apt-get install mmdebstrap"));
}

TEST_F(BuilderTest, AFullDiskIsNamedAsSuch) {
  ASSERT_EQ(unshare(CLONE_NEWNS), 0);
  ASSERT_EQ(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
  const auto small = temp_.path() / "small";
  ASSERT_TRUE(MakeDirectories(small));
  ASSERT_EQ(mount("small", small.c_str(), "tmpfs", 0, "size=4m"), 0);
  Open(small);
  fake_.Script("head -c 16000000 /dev/zero > \"$rootfs/large\"");
  const auto image = Build(TinyRecipe());
  EXPECT_THAT(Left(), Not(::testing::Contains(HasSubstr(".building"))));
  umount2(small.c_str(), MNT_DETACH);
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().code, Code::kDiskFull);
  EXPECT_THAT(image.error().message, AllOf(HasSubstr("is full (0 MiB left)"), HasSubstr("small")));
}

TEST_F(BuilderTest, ADeadlineEndsEverythingThatWasStarted) {
  const std::string marker = fmt::format("98765.{}", getpid());
  fake_.Script(fmt::format("setsid sleep {} & sleep {}", marker, marker));
  Builder builder(*catalog_, fake_.Host(), {});
  const auto image = builder.Build(TinyRecipe(), false, Deadline::After(std::chrono::seconds(1)));
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().code, Code::kDeadlineExceeded);
  EXPECT_TRUE(GoneWithin(marker, std::chrono::seconds(10)));
  EXPECT_THAT(Left(), ::testing::ElementsAre("failed-tiny.log"));
}

// In a child: builds until the fake says that it is in the middle, then dies at once.
void BuildAndDie(const Catalog& catalog, const BuildHost& host) {
  Builder builder(catalog, host, [](const Progress& progress) {
    if (progress.line.starts_with("paddock: in the middle")) {
      raise(SIGKILL);
    }
  });
  (void)builder.Build(TinyRecipe(), false, Deadline::After(kPlenty));
  _exit(0);
}

TEST_F(BuilderTest, ABuilderKilledInTheMiddleLeavesNothingThatLooksFinished) {
  const std::string marker = fmt::format("98766.{}", getpid());
  fake_.Script(fmt::format(
      "mkdir -p \"$rootfs/etc\"; setsid sleep {} & echo 'paddock: in the middle'; wait", marker));
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    BuildAndDie(*catalog_, fake_.Host());
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_TRUE(GoneWithin(marker, std::chrono::seconds(10)));
  EXPECT_EQ(catalog_->Find("tiny").error().code, Code::kNotFound);
  EXPECT_THAT(*catalog_->List(), IsEmpty());
  EXPECT_THAT(Left(), ::testing::ElementsAre(".building-tiny"));

  fake_.Script("");
  ASSERT_TRUE(MakeDirectories(catalog_->directory() / ".removed-x/rootfs"));
  const auto image = Build(TinyRecipe());
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_THAT(Left(), SizeIs(1));
}

TEST_F(BuilderTest, OfTwoBuildersOneBuildsAndBothGetTheImage) {
  fake_.Script("sleep 0.3");
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    _exit(Build(TinyRecipe()) ? 0 : 1);
  }
  const auto image = Build(TinyRecipe());
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(image);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_EQ(fake_.RunCount(), 1);
}

TEST_F(BuilderTest, WaitingForAnotherBuilderEndsAtTheDeadline) {
  fake_.Script("echo 'paddock: in the middle'; sleep 60");
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    (void)Build(TinyRecipe());
    _exit(0);
  }
  while (fake_.RunCount() == 0) {
    std::this_thread::sleep_for(kPollInterval);
  }
  Builder builder(*catalog_, fake_.Host(), {});
  const auto image =
      builder.Build(TinyRecipe(), false, Deadline::After(std::chrono::milliseconds(300)));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().code, Code::kDeadlineExceeded);
}

TEST_F(BuilderTest, ADamagedImageIsBuiltAgain) {
  const auto first = Build(TinyRecipe());
  ASSERT_TRUE(first);
  ASSERT_TRUE(WriteFile(first->rootfs.parent_path() / "manifest.json", "{\"format\": 1"));
  const auto second = Build(TinyRecipe());
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->digest, first->digest);
  EXPECT_TRUE(catalog_->Find("tiny"));
  EXPECT_EQ(fake_.RunCount(), 2);
}

}  // namespace
}  // namespace paddock::images
