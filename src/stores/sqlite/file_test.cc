#include <sqlite3.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "aio/testing/run_on.h"
#include "images/testing/temp_directory.h"
#include "store/testing/test_schema.h"
#include "stores/sqlite/sqlite_database.h"

namespace paddock::stores::sqlite {
namespace {

class SqliteFile : public ::testing::Test {
 protected:
  Result<std::unique_ptr<SqliteDatabase>> Open(bool read_only = false) {
    return SqliteDatabase::Open(loop_.get_executor(), {.path = path_, .read_only = read_only});
  }
  template <class T>
  T Await(aio::Task<T> task) {
    return aio::testing::RunUntilDone(loop_, std::move(task));
  }
  static Deadline Soon() { return Deadline::After(std::chrono::seconds(20)); }
  void MakeStore() {
    auto made = Open();
    ASSERT_TRUE(made) << made.error().message;
    ASSERT_TRUE(Await((*made)->Migrate(store::testing::kTestMigrations, Soon())));
    ASSERT_TRUE(Await((*made)->Write({store::testing::InsertItem("a")}, Soon())));
  }
  void Put(const std::string& content) const { std::ofstream(path_, std::ios::binary) << content; }
  [[nodiscard]] std::string Content() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void Execute(const char* sql) const {
    sqlite3* other = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &other), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(other, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(other);
  }
  void ExpectRefusedUntouched(std::string_view words) {
    const std::string before = Content();
    for (const bool read_only : {false, true}) {
      auto opened = Open(read_only);
      ASSERT_FALSE(opened);
      EXPECT_EQ(opened.error().code, Code::kInvalid) << opened.error().message;
      EXPECT_NE(opened.error().message.find(words), std::string::npos) << opened.error().message;
      EXPECT_NE(opened.error().message.find(path_.native()), std::string::npos);
    }
    EXPECT_EQ(Content(), before);
  }

  boost::asio::io_context loop_;
  images::TempDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "store.db";
};

TEST_F(SqliteFile, OnlyItsOwnerMayReadIt) {
  MakeStore();
  auto opened = Open();
  ASSERT_TRUE(opened);
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
    struct stat status{};
    ASSERT_EQ(stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U) << entry.path();
    ++count;
  }
  EXPECT_EQ(count, 4);  // file, lock, log, index of the log
}

TEST_F(SqliteFile, AWiderModeIsClosedAgain) {
  MakeStore();
  ASSERT_EQ(chmod(path_.c_str(), 0644), 0);
  ASSERT_TRUE(Open());
  struct stat status{};
  ASSERT_EQ(stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(SqliteFile, WhatIsNoDatabaseIsRefusedUntouched) {
  Put("some text that somebody keeps here");
  ExpectRefusedUntouched("not an SQLite database");
  Put(std::string(4096, 'x'));
  ExpectRefusedUntouched("not an SQLite database");
}

TEST_F(SqliteFile, AnotherProgramsDatabaseIsRefusedUntouched) {
  Execute("CREATE TABLE bookmarks (url TEXT)");
  ExpectRefusedUntouched("another program");
}

TEST_F(SqliteFile, ADamagedDatabaseIsRefused) {
  MakeStore();
  std::string content = Content();
  for (std::size_t page = 1; (page + 1) * 4096 <= content.size(); ++page) {
    content.replace(page * 4096, 64, std::string(64, '\x5A'));
  }
  Put(content);
  auto opened = Open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::kInvalid);
  EXPECT_NE(opened.error().message.find("damaged"), std::string::npos) << opened.error().message;
  EXPECT_EQ(Content(), content);
}

TEST_F(SqliteFile, ATruncatedDatabaseIsRefused) {
  MakeStore();
  const std::string content = Content();
  Put(content.substr(0, content.size() / 2));
  auto opened = Open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::kInvalid) << opened.error().message;
}

TEST_F(SqliteFile, ASecondServerIsRefused) {
  auto first = Open();
  ASSERT_TRUE(first);
  auto second = Open();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::kConflict);
  EXPECT_NE(second.error().message.find(fmt::format("process {}", getpid())), std::string::npos)
      << second.error().message;
  first->reset();
  EXPECT_TRUE(Open());
}

TEST_F(SqliteFile, AReaderMayOpenItBesideAServerAndCannotWrite) {
  MakeStore();
  auto server = Open();
  ASSERT_TRUE(server);
  auto reader = Open(true);
  ASSERT_TRUE(reader) << reader.error().message;
  ASSERT_TRUE(Await((*server)->Write({store::testing::InsertItem("b")}, Soon())));
  auto rows = Await((*reader)->Read(store::testing::CountItems(), Soon()));
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(rows->rows.front(), store::Row{std::int64_t{2}});
  EXPECT_FALSE(Await((*reader)->Write({store::testing::InsertItem("c")}, Soon())));
  EXPECT_FALSE(Await((*reader)->Migrate(store::testing::kTestMigrations, Soon())));
}

TEST_F(SqliteFile, AMissingFileIsNotFoundByAReader) {
  auto opened = Open(true);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(SqliteFile, AMissingDirectoryIsNotFound) {
  path_ = directory_.path() / "nowhere" / "store.db";
  auto opened = Open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::kNotFound);
}

TEST_F(SqliteFile, AnotherProgramThatHoldsItIsSaidAndPasses) {
  MakeStore();
  auto opened = Open();
  ASSERT_TRUE(opened);
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(path_.c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  auto refused = Await((*opened)->Write({store::testing::InsertItem("b")}, Soon()));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kUnavailable);
  EXPECT_NE(refused.error().message.find("another program"), std::string::npos)
      << refused.error().message;
  EXPECT_TRUE((*opened)->state().failure);
  sqlite3_close(other);
  EXPECT_TRUE(Await((*opened)->Write({store::testing::InsertItem("b")}, Soon())));
  EXPECT_FALSE((*opened)->state().failure);
}

}  // namespace
}  // namespace paddock::stores::sqlite
