// Files and tars through AgentClient in the real agent.

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

#include "agent_test.h"

namespace paddock::sandbox {
namespace {

namespace fs = std::filesystem;

std::string OnDisk(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

class FilesTest : public AgentTest {
 protected:
  [[nodiscard]] Result<std::string> Read(const std::string& path,
                                         std::uint64_t offset = 0,
                                         std::uint64_t length = 1U << 30U) {
    auto content = Wait(client_->ReadFile(path, offset, length, Soon()));
    return content ? ReadAll(*content->bytes) : Result<std::string>(Fail(content.error()));
  }
  [[nodiscard]] Result<void> Unpack(const std::string& path, std::string tar) {
    auto writer = Wait(client_->WriteTar(path, Soon()));
    if (!writer) {
      return Fail(std::move(writer).error());
    }
    auto written = Wait((*writer)->Write(std::move(tar), Soon()));
    return written ? Wait((*writer)->Finish(Soon())) : written;
  }
};

TEST_F(FilesTest, WhatIsWrittenIsReadBackWholeAndInPart) {
  const std::string content(3'000'000, 'c');
  ASSERT_TRUE(WriteAll("f", content));
  EXPECT_TRUE(OnDisk(Path("f")) == content);
  EXPECT_TRUE(Read(Path("f")) == content);
  EXPECT_EQ(Read(Path("f"), content.size() - 5, 100), "ccccc");
  EXPECT_EQ(Read(Path("f"), 10, 3), "ccc");
  EXPECT_EQ(Read(Path("f"), content.size() + 10, 3), "");
}

TEST_F(FilesTest, AWriteReplacesAllOrNothing) {
  ASSERT_TRUE(WriteAll("f", "before"));
  auto writer = Wait(client_->WriteFile(Path("f"), 0600, Soon()));
  ASSERT_TRUE(writer) << writer.error().message;
  ASSERT_TRUE(Wait((*writer)->Write(std::string(500'000, 'n'), Soon())));
  EXPECT_EQ(OnDisk(Path("f")), "before");
  writer->reset();  // cancelled
  ASSERT_TRUE(Shell("true"));
  EXPECT_EQ(OnDisk(Path("f")), "before");
  for (int i = 0; i < 100 && std::distance(fs::directory_iterator(agent_.directory()), {}) > 1;
       ++i) {
    usleep(10'000);  // the worker that wrote ends in its own time
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(agent_.directory()), {}), 1);
  ASSERT_TRUE(WriteAll("f", ""));
  EXPECT_EQ(fs::file_size(Path("f")), 0U);
}

TEST_F(FilesTest, StatAndListTellKindsAndLinks) {
  ASSERT_TRUE(WriteAll("b", "12345"));
  ASSERT_TRUE(Wait(client_->MakeDirectory(Path("a/x/y"), true, Soon())));
  fs::create_symlink("b", Path("c"));
  const auto list = Wait(client_->ListDirectory(agent_.directory(), 10, Soon()));
  ASSERT_TRUE(list) << list.error().message;
  ASSERT_EQ(list->entries.size(), 3U);
  EXPECT_EQ(list->entries[0].name, "a");
  EXPECT_EQ(list->entries[0].kind, FileKind::kDirectory);
  EXPECT_EQ(list->entries[1].size, Bytes{5});
  EXPECT_EQ(list->entries[1].mode, 0644U);
  EXPECT_EQ(list->entries[2].kind, FileKind::kSymlink);
  EXPECT_EQ(list->entries[2].link_target, "b");
  EXPECT_FALSE(list->truncated);
  const auto part = Wait(client_->ListDirectory(agent_.directory(), 2, Soon()));
  ASSERT_TRUE(part);
  EXPECT_EQ(part->entries.size(), 2U);
  EXPECT_TRUE(part->truncated);
  const auto followed = Wait(client_->Stat(Path("c"), Soon()));
  ASSERT_TRUE(followed);
  EXPECT_EQ(followed->kind, FileKind::kFile);
  EXPECT_EQ(followed->size, Bytes{5});
}

TEST_F(FilesTest, MovesAndRemovalsKeepWhatIsInTheWay) {
  ASSERT_TRUE(WriteAll("a", "A"));
  ASSERT_TRUE(WriteAll("b", "B"));
  auto moved = Wait(client_->Move(Path("a"), Path("b"), Soon()));
  ASSERT_FALSE(moved);
  EXPECT_EQ(moved.error().code, Code::kConflict);
  EXPECT_EQ(OnDisk(Path("b")), "B");
  EXPECT_TRUE(Wait(client_->Move(Path("a"), Path("c"), Soon())));
  EXPECT_EQ(OnDisk(Path("c")), "A");
  ASSERT_TRUE(Wait(client_->MakeDirectory(Path("d/e"), true, Soon())));
  auto removed = Wait(client_->Remove(Path("d"), false, Soon()));
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().code, Code::kConflict) << removed.error().message;
  EXPECT_TRUE(Wait(client_->Remove(Path("d"), true, Soon())));
  EXPECT_FALSE(fs::exists(Path("d")));
  EXPECT_EQ(Wait(client_->Remove(Path("d"), true, Soon())).error().code, Code::kNotFound);
  EXPECT_EQ(Wait(client_->MakeDirectory(Path("c"), false, Soon())).error().code, Code::kConflict);
}

TEST_F(FilesTest, ARecursiveRemovalNeverFollowsALink) {
  ASSERT_TRUE(Wait(client_->MakeDirectory(Path("kept/inner"), true, Soon())));
  ASSERT_TRUE(WriteAll("kept/inner/file", "x"));
  ASSERT_TRUE(Wait(client_->MakeDirectory(Path("gone"), false, Soon())));
  fs::create_symlink(Path("kept"), Path("gone/link"));
  ASSERT_TRUE(Wait(client_->Remove(Path("gone"), true, Soon())));
  EXPECT_EQ(OnDisk(Path("kept/inner/file")), "x");
}

TEST_F(FilesTest, FifosSocketsAndDevicesAreRefusedAndNothingHangs) {
  ASSERT_EQ(mkfifo(Path("fifo").c_str(), 0644), 0);
  for (const auto& path : {Path("fifo"), std::string("/dev/zero"), agent_.directory()}) {
    const auto read = Read(path);
    ASSERT_FALSE(read) << path;
    EXPECT_EQ(read.error().code, Code::kInvalid) << path << ": " << read.error().message;
  }
}

TEST_F(FilesTest, PathsThatAreNoneAreRefused) {
  const std::string long_path = "/" + std::string(5000, 'x');
  for (const auto& path :
       {std::string(""), std::string("relative"), std::string("/a\0b", 4), long_path}) {
    const auto info = Wait(client_->Stat(path, Soon()));
    ASSERT_FALSE(info);
    EXPECT_EQ(info.error().code, Code::kInvalid) << info.error().message;
  }
  EXPECT_EQ(Read(Path("missing")).error().code, Code::kNotFound);
}

TEST_F(FilesTest, AReadIsBoundedByTheSizeAtItsOpening) {
  ASSERT_TRUE(WriteAll("log", "12345"));
  auto content = Wait(client_->ReadFile(Path("log"), 0, 1000, Soon()));
  ASSERT_TRUE(content);
  std::ofstream(Path("log"), std::ios::app) << "more";
  EXPECT_EQ(ReadAll(*content->bytes), "12345");
}

// One ustar header, with its body.
std::string Entry(std::string_view name, char type, std::string_view body, std::string_view link) {
  std::array<char, 512> header{};
  const auto put = [&header](std::size_t at, std::string_view text) {
    std::memcpy(header.data() + at, text.data(), text.size());
  };
  std::array<char, 16> number{};
  put(0, name);
  put(100, "0000644");
  put(108, "0000000");
  put(116, "0000000");
  std::snprintf(number.data(), number.size(), "%011o", static_cast<unsigned>(body.size()));
  put(124, std::string_view(number.data(), 11));
  put(136, "00000000000");
  put(148, "        ");
  header[156] = type;
  put(157, link);
  put(257, std::string_view("ustar\0"
                            "00",
                            8));
  unsigned sum = 0;
  for (const char byte : header) {
    sum += static_cast<unsigned char>(byte);
  }
  std::snprintf(number.data(), number.size(), "%06o", sum);
  put(148, std::string_view(number.data(), 7));
  std::string entry(header.data(), header.size());
  entry += body;
  entry.append((512 - body.size() % 512) % 512, '\0');
  return entry;
}

std::string Tar(const std::string& entries) { return entries + std::string(1024, '\0'); }

TEST_F(FilesTest, ATreeGoesOutAsATarAndInAgain) {
  ASSERT_TRUE(
      Shell("cd " + agent_.directory() +
            "; mkdir -p from/deep to; echo hello > from/deep/file; ln -s deep/file from/link;"
            " head -c 700000 /dev/urandom > from/big; chmod 750 from/big"));
  auto reader = Wait(client_->ReadTar(Path("from"), Soon()));
  ASSERT_TRUE(reader) << reader.error().message;
  auto tar = ReadAll(**reader);
  ASSERT_TRUE(tar) << tar.error().message;
  std::ofstream(Path("out.tar"), std::ios::binary) << *tar;
  const auto listed = Shell("tar tf " + Path("out.tar"));
  ASSERT_TRUE(listed);
  EXPECT_EQ(listed->exit_code, 0) << listed->stderr_data;
  EXPECT_NE(listed->stdout_data.find("deep/file"), std::string::npos);
  const auto unpacked = Unpack(Path("to"), *tar);
  ASSERT_TRUE(unpacked) << unpacked.error().message;
  const auto found = Shell("find " + Path("to") + " -name big -perm 750 -printf '%s'");
  EXPECT_EQ(found->stdout_data, "700000");
  const auto same = Shell("cd " + agent_.directory() +
                          "; a=$(cd from && find . | sort); b=$(cd to && find . | sort);"
                          " [ \"$a\" = \"$b\" ] && diff -r from to");
  EXPECT_EQ(same->exit_code, 0) << same->stdout_data << same->stderr_data;
}

TEST_F(FilesTest, ATarThatReachesOutIsRefusedByItsEntrysName) {
  ASSERT_TRUE(Wait(client_->MakeDirectory(Path("in"), false, Soon())));
  struct Case {
    std::string name;
    std::string entries;
  };
  const Case cases[] = {
      {"../climbs", Entry("../climbs", '0', "x", "")},
      {"a/../../climbs", Entry("a/../../climbs", '0', "x", "")},
      {"/tmp/absolute-paddock", Entry("/tmp/absolute-paddock", '0', "x", "")},
      {"door/through", Entry("door", '2', "", "..") + Entry("door/through", '0', "x", "")},
      {"hard", Entry("hard", '1', "", "../../../etc/passwd")},
      {"soft", Entry("soft", '2', "", "/etc/passwd")},
      {"device", Entry("device", '3', "", "")},
      {"pipe", Entry("pipe", '6', "", "")},
  };
  for (const auto& refused : cases) {
    const auto result = Unpack(Path("in"), Tar(refused.entries));
    ASSERT_FALSE(result) << refused.name;
    EXPECT_EQ(result.error().code, Code::kInvalid) << result.error().message;
    // A link that leads out may be refused itself, or what goes through it.
    const auto& message = result.error().message;
    EXPECT_TRUE(message.find(refused.name) != std::string::npos ||
                message.find("door") != std::string::npos)
        << message;
  }
  EXPECT_FALSE(fs::exists(Path("climbs")));
  EXPECT_FALSE(fs::exists(Path("through")));
  EXPECT_FALSE(fs::exists("/tmp/absolute-paddock"));
  EXPECT_FALSE(fs::exists(Path("in/device")));
}

TEST_F(FilesTest, ATarThatIsCutOrIsNoneIsInvalid) {
  ASSERT_TRUE(Wait(client_->MakeDirectory(Path("in"), false, Soon())));
  const auto whole = Tar(Entry("file", '0', std::string(2000, 'x'), ""));
  EXPECT_TRUE(Unpack(Path("in"), whole));
  EXPECT_EQ(Unpack(Path("in"), whole.substr(0, 1000)).error().code, Code::kInvalid);
  EXPECT_EQ(Unpack(Path("in"), std::string(2048, 'n')).error().code, Code::kInvalid);
}

}  // namespace
}  // namespace paddock::sandbox
