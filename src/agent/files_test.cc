#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/files/tar_format.h"
#include "agent/testing/test_agent.h"

namespace paddock::agent {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class FilesTest : public ::testing::Test {
 protected:
  testing::Answer Upload(protocol::Request request, std::string_view bytes) {
    const auto channel = client_.Open(std::move(request));
    for (; !bytes.empty(); bytes.remove_prefix(std::min<std::size_t>(bytes.size(), 30'000))) {
      client_.SendData(channel, bytes.substr(0, 30'000));
    }
    client_.SendDataEnd(channel);
    return client_.Finish(channel);
  }
  testing::Answer WriteFile(const std::string& path, std::string_view bytes) {
    return Upload(protocol::WriteRequest{.mode = 0640, .path = path}, bytes);
  }
  static std::string Content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::vector<std::string> Names() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
      names.push_back(entry.path().filename());
    }
    std::ranges::sort(names);
    return names;
  }

  testing::TemporaryDirectory directory_;
  testing::TestAgent agent_;
  testing::TestClient client_ = agent_.Connect();
};

TEST_F(FilesTest, AFileIsWrittenWholeAndReadBackInPart) {
  const std::string content(100'000, 'c');
  ASSERT_TRUE(WriteFile(directory_ / "f", content).result);
  EXPECT_EQ(Content(directory_ / "f"), content);
  const auto answer = client_.Ask(
      protocol::ReadRequest{.offset = 99'990, .length = 1'000'000, .path = directory_ / "f"});
  EXPECT_EQ(answer.data, std::string(10, 'c'));
  EXPECT_EQ(protocol::DecodeFile(answer.ready)->size, Bytes{100'000});
}

TEST_F(FilesTest, TheRootIsADirectoryWithoutAName) {
  for (const auto* path : {"/", "//"}) {
    const auto answer = client_.Ask(protocol::StatRequest{.follows = true, .path = path});
    ASSERT_TRUE(answer.result) << path;
    const auto record = protocol::DecodeFile(*answer.result);
    ASSERT_TRUE(record) << path;
    EXPECT_EQ(record->name, "");
    EXPECT_EQ(record->kind, protocol::EntryKind::kDirectory);
  }
  EXPECT_TRUE(client_.Ask(protocol::ListRequest{.entry_count_max = 100, .path = "/"}).result);
  const auto read = client_.Ask(protocol::ReadRequest{.offset = 1, .length = 2, .path = "/"}).error;
  ASSERT_TRUE(read);
  EXPECT_EQ(read->code, Code::kInvalid);
}

TEST_F(FilesTest, ATimeBeyondTheClockIsTheLastThatItKnows) {
  ASSERT_TRUE(WriteFile(directory_ / "f", "x").result);
  const std::array<timespec, 2> times{
      {{.tv_sec = 0, .tv_nsec = UTIME_NOW}, {.tv_sec = 15'000'000'000, .tv_nsec = 999'999'999}}};
  ASSERT_EQ(utimensat(AT_FDCWD, (directory_ / "f").c_str(), times.data(), 0), 0);
  const auto answer = client_.Ask(protocol::StatRequest{.follows = true, .path = directory_ / "f"});
  const auto record = protocol::DecodeFile(answer.result.value());
  ASSERT_TRUE(record);
  EXPECT_GT(record->modified_at.time_since_epoch(), std::chrono::hours(24 * 365 * 250));
}

TEST_F(FilesTest, AnExistingFileKeepsItsModeAndALinkToItStaysALink) {
  ASSERT_TRUE(WriteFile(directory_ / "f", "old").result);
  ASSERT_EQ(chmod((directory_ / "f").c_str(), 0751), 0);
  std::filesystem::create_symlink("f", directory_ / "link");
  ASSERT_TRUE(WriteFile(directory_ / "link", "new").result);
  EXPECT_EQ(Content(directory_ / "f"), "new");
  struct stat status{};
  ASSERT_EQ(stat((directory_ / "f").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0751U);
  EXPECT_TRUE(std::filesystem::is_symlink(directory_ / "link"));
}

TEST_F(FilesTest, AWriteGivenUpLeavesTheOldFileAndNothingBeside) {
  ASSERT_TRUE(WriteFile(directory_ / "f", "old").result);
  {
    auto other = agent_.Connect();
    const auto channel = other.Open(protocol::WriteRequest{.mode = 0644, .path = directory_ / "f"});
    other.SendData(channel, "half");
    ASSERT_EQ(other.Next()->type, protocol::FrameType::kReady);
  }
  for (int waits = 0; waits < 1000 && Names().size() > 1; ++waits) {
    usleep(10'000);
  }
  EXPECT_THAT(Names(), ::testing::ElementsAre("f"));
  EXPECT_EQ(Content(directory_ / "f"), "old");
}

TEST_F(FilesTest, NeitherFifosNorDevicesAreReadOrWritten) {
  ASSERT_EQ(mkfifo((directory_ / "fifo").c_str(), 0600), 0);
  for (const auto& path : {directory_ / "fifo", std::string("/dev/zero"), directory_.path()}) {
    const auto read = client_.Ask(protocol::ReadRequest{.offset = 0, .length = 1, .path = path});
    ASSERT_TRUE(read.error) << path;
    EXPECT_EQ(read.error->code, Code::kInvalid);
    const auto written = WriteFile(path, "x");
    ASSERT_TRUE(written.error) << path;
    EXPECT_EQ(written.error->code, Code::kInvalid);
  }
}

TEST_F(FilesTest, AListIsBoundedAndTellsThatThereIsMore) {
  for (int number = 0; number < 300; ++number) {
    std::ofstream(directory_ / (std::string(200, 'n') + std::to_string(number)));
  }
  const auto all =
      client_.Ask(protocol::ListRequest{.entry_count_max = 10'000, .path = directory_.path()});
  EXPECT_EQ(protocol::DecodeFiles(all.data)->size(), 300U);
  EXPECT_FALSE(protocol::DecodeListEnd(*all.result).value());
  const auto some =
      client_.Ask(protocol::ListRequest{.entry_count_max = 7, .path = directory_.path()});
  EXPECT_EQ(protocol::DecodeFiles(some.data)->size(), 7U);
  EXPECT_TRUE(protocol::DecodeListEnd(*some.result).value());
}

TEST_F(FilesTest, DirectoriesAreMadeMovedAndRemoved) {
  const auto deep = directory_ / "a/b/c";
  EXPECT_EQ(client_.Ask(protocol::MakeDirectoryRequest{.parents = false, .path = deep}).error->code,
            Code::kNotFound);
  ASSERT_TRUE(client_.Ask(protocol::MakeDirectoryRequest{.parents = true, .path = deep}).result);
  ASSERT_TRUE(WriteFile(directory_ / "f", "f").result);
  EXPECT_EQ(client_
                .Ask(protocol::MoveRequest{
                    .replaces = false, .from = directory_ / "f", .to = directory_ / "a"})
                .error->code,
            Code::kConflict);
  ASSERT_TRUE(client_
                  .Ask(protocol::MoveRequest{
                      .replaces = false, .from = directory_ / "f", .to = directory_ / "a/g"})
                  .result);
  EXPECT_EQ(client_.Ask(protocol::RemoveRequest{.recursive = false, .path = directory_ / "a"})
                .error->code,
            Code::kConflict);
  ASSERT_TRUE(
      client_.Ask(protocol::RemoveRequest{.recursive = true, .path = directory_ / "a"}).result);
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(FilesTest, ATreeOfAnyDepthIsRemoved) {
  // In memory: a disk that discards may take milliseconds for each directory.
  const testing::TemporaryDirectory memory("/dev/shm");
  int at = open(memory.path().c_str(), O_RDONLY | O_DIRECTORY);
  for (int depth = 0; depth < 5000; ++depth) {
    ASSERT_EQ(mkdirat(at, "d", 0755), 0);
    const int next = openat(at, "d", O_RDONLY | O_DIRECTORY);
    close(at);
    at = next;
  }
  close(at);
  EXPECT_TRUE(client_.Ask(protocol::RemoveRequest{.recursive = true, .path = memory / "d"}).result);
  EXPECT_TRUE(std::filesystem::is_empty(memory.path()));
}

TEST_F(FilesTest, RemovingASymlinkLeavesWhatItNames) {
  ASSERT_TRUE(WriteFile(directory_ / "f", "f").result);
  std::filesystem::create_symlink("f", directory_ / "link");
  ASSERT_TRUE(
      client_.Ask(protocol::RemoveRequest{.recursive = true, .path = directory_ / "link"}).result);
  EXPECT_THAT(Names(), ::testing::ElementsAre("f"));
}

TEST_F(FilesTest, ATreeSurvivesPackingAndUnpacking) {
  const auto long_name = std::string(120, 'l');
  std::filesystem::create_directories(directory_ / ("t/" + long_name));
  std::ofstream(directory_ / ("t/" + long_name + "/file")) << std::string(70'000, 'z');
  std::ofstream(directory_ / "t/empty").close();
  std::filesystem::create_symlink(long_name + "/file", directory_ / "t/link");
  ASSERT_EQ(mkfifo((directory_ / "t/fifo").c_str(), 0600), 0);
  const auto packed = client_.Ask(protocol::TarReadRequest{.path = directory_ / "t"});
  ASSERT_TRUE(packed.result) << packed.error->message;
  EXPECT_EQ(packed.data.size() % files::kTarBlockBytes, 0U);

  std::filesystem::create_directory(directory_ / "u");
  const auto unpacked = Upload(protocol::TarWriteRequest{.path = directory_ / "u"}, packed.data);
  ASSERT_TRUE(unpacked.result) << unpacked.error->message;
  EXPECT_EQ(Content(directory_ / ("u/" + long_name + "/file")), std::string(70'000, 'z'));
  EXPECT_EQ(std::filesystem::read_symlink(directory_ / "u/link"), long_name + "/file");
  EXPECT_TRUE(std::filesystem::exists(directory_ / "u/empty"));
  EXPECT_FALSE(std::filesystem::exists(directory_ / "u/fifo"));
}

struct Hostile {
  const char* name;
  files::TarKind kind;
  const char* link;
};

TEST_F(FilesTest, HostileArchivesAreRefusedByNameAndWriteNothingOutside) {
  const std::vector<Hostile> cases{
      {"../x", files::TarKind::kFile, ""},
      {"/tmp/x", files::TarKind::kFile, ""},
      {"a/../../x", files::TarKind::kFile, ""},
      {"link/x", files::TarKind::kFile, ""},
      {"out", files::TarKind::kSymlink, "/etc"},
      {"out", files::TarKind::kSymlink, "a/../../etc"},
      {"out", files::TarKind::kHardLink, "../secret"},
      {"out", files::TarKind::kHardLink, "/etc/passwd"},
      {"device", static_cast<files::TarKind>('3'), ""},
      {"fifo", static_cast<files::TarKind>('6'), ""},
  };
  std::filesystem::create_directory(directory_ / "u");
  std::filesystem::create_directory_symlink("..", directory_ / "u/link");
  std::ofstream(directory_ / "secret").close();
  for (const auto& hostile : cases) {
    files::TarHeader header;
    header.name = hostile.name;
    header.kind = hostile.kind;
    header.link_target = hostile.link;
    header.mode = 0644;
    std::string tar;
    files::AppendTarHeader(tar, header);
    tar.append(2 * files::kTarBlockBytes, '\0');
    const auto answer = Upload(protocol::TarWriteRequest{.path = directory_ / "u"}, tar);
    ASSERT_TRUE(answer.error) << hostile.name << hostile.link;
    EXPECT_EQ(answer.error->code, Code::kInvalid);
    EXPECT_THAT(answer.error->message, HasSubstr(hostile.name));
  }
  EXPECT_THAT(Names(), ::testing::ElementsAre("secret", "u"));
}

TEST_F(FilesTest, AnUnpackedTreeBelongsToWhomTheArchiveSays) {
  if (geteuid() != 0) {
    GTEST_SKIP() << "only root gives files away";
  }
  std::string tar;
  files::TarHeader header;
  header.uid = 12'345;
  header.gid = 54'321;
  header.mode = 0700;
  for (const auto kind :
       {files::TarKind::kDirectory, files::TarKind::kFile, files::TarKind::kSymlink}) {
    header.kind = kind;
    header.name = std::string("entry") + static_cast<char>(kind);
    header.link_target = kind == files::TarKind::kSymlink ? "entry0" : "";
    files::AppendTarHeader(tar, header);
  }
  tar.append(2 * files::kTarBlockBytes, '\0');
  ASSERT_TRUE(Upload(protocol::TarWriteRequest{.path = directory_.path()}, tar).result);
  for (const auto* name : {"entry0", "entry2", "entry5"}) {
    struct stat status{};
    ASSERT_EQ(lstat((directory_ / name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_uid, 12'345U) << name;
    EXPECT_EQ(status.st_gid, 54'321U) << name;
  }
}

TEST_F(FilesTest, PrivilegeBitsOfAnArchiveAreDropped) {
  files::TarHeader header;
  header.name = "program";
  header.mode = 06755;
  std::string tar;
  files::AppendTarHeader(tar, header);
  tar.append(2 * files::kTarBlockBytes, '\0');
  ASSERT_TRUE(Upload(protocol::TarWriteRequest{.path = directory_.path()}, tar).result);
  struct stat status{};
  ASSERT_EQ(stat((directory_ / "program").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0755U);
}

TEST_F(FilesTest, WhatIsNoTarIsInvalid) {
  const auto answer =
      Upload(protocol::TarWriteRequest{.path = directory_.path()}, std::string(2000, 'x'));
  ASSERT_TRUE(answer.error);
  EXPECT_EQ(answer.error->code, Code::kInvalid);
}

}  // namespace
}  // namespace paddock::agent
