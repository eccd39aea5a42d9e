#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "aio/testing/run_on.h"
#include "images/testing/temp_directory.h"
#include "postgres_host.h"
#include "store/testing/test_schema.h"
#include "stores/sqlite/sqlite_database.h"

namespace paddock::testing {
namespace {

using store::testing::InsertItem;
using store::testing::kTestMigrations;

/// A file system of its own that has little room.
class SmallDisk {
 public:
  explicit SmallDisk(int megabytes) {
    const std::string options = fmt::format("size={}m,mode=0755", megabytes);
    if (mount("tmpfs", path().c_str(), "tmpfs", MS_NOSUID | MS_NODEV, options.c_str()) != 0) {
      missing_ = fmt::format("cannot mount a small disk: {}", strerrordesc_np(errno));
    }
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (missing_.empty()) {
      umount2(path().c_str(), MNT_DETACH);
    }
  }
  [[nodiscard]] const std::filesystem::path& path() const { return directory_.path(); }
  [[nodiscard]] const std::string& missing() const { return missing_; }

  /// Takes room, and gives it back.
  void Fill(std::size_t bytes) const {
    std::ofstream(path() / "filling") << std::string(bytes, 'x');
  }
  void Empty() const { std::filesystem::remove(path() / "filling"); }

 private:
  images::TempDirectory directory_;
  std::string missing_;
};

class FullDisk : public ::testing::Test {
 protected:
  template <class T>
  T Await(aio::Task<T> task) {
    return aio::testing::RunUntilDone(loop_, std::move(task));
  }
  static Deadline Soon() { return Deadline::After(std::chrono::seconds(60)); }
  static store::Transaction Pair(int number, std::size_t size) {
    store::Statement second{
        .sql = "INSERT INTO items (namespace, id, data) VALUES ('test', ?, ?)",
        .values = {fmt::format("b{}", number), store::Bytes{std::string(size, 'x')}}};
    return {InsertItem(fmt::format("a{}", number)), std::move(second)};
  }
  std::int64_t CountOf(store::Database& database, std::string_view kind) {
    store::Statement ask{.sql =
                             fmt::format("SELECT COUNT(*) FROM items WHERE id LIKE '{}%'", kind)};
    auto rows = Await(database.Read(std::move(ask), Soon()));
    EXPECT_TRUE(rows) << rows.error().message;
    return rows ? std::get<std::int64_t>(rows->rows.front().front()) : -1;
  }
  // Writes until there is no room; how many were acknowledged.
  int WriteUntilFull(store::Database& database, std::size_t size, std::string& message) {
    constexpr int kWritesMax = 2000;
    for (int number = 0; number < kWritesMax; ++number) {
      auto written = Await(database.Write(Pair(number, size), Soon()));
      if (!written) {
        EXPECT_EQ(written.error().code, Code::kDiskFull) << written.error().message;
        EXPECT_TRUE(written.error().reason().starts_with("The server's disk is full"))
            << written.error().message;
        message = written.error().message;
        return number;
      }
    }
    ADD_FAILURE() << "the disk is never full";
    return kWritesMax;
  }

  boost::asio::io_context loop_;
};

TEST_F(FullDisk, AFileThatFindsNoRoomSaysSoKeepsAllAndGoesOn) {
  const SmallDisk disk(8);
  if (!disk.missing().empty()) {
    GTEST_SKIP() << disk.missing();
  }
  disk.Fill(std::size_t{2} << 20U);
  const auto open = [&] {
    return stores::sqlite::SqliteDatabase::Open(loop_.get_executor(),
                                                {.path = disk.path() / "store.db"});
  };
  int count = 0;
  {
    auto database = open();
    ASSERT_TRUE(database) << database.error().message;
    ASSERT_TRUE(Await((*database)->Migrate(kTestMigrations, Soon())));
    std::string message;
    count = WriteUntilFull(**database, 60'000, message);
    EXPECT_GT(count, 10);
    EXPECT_NE(message.find("full"), std::string::npos) << message;
    EXPECT_TRUE((*database)->state().failure);
    for (int again = 0; again < 5; ++again) {
      EXPECT_FALSE(Await((*database)->Write(Pair(count, 1'000'000), Soon())));
    }
    EXPECT_EQ(CountOf(**database, "a"), count);
    EXPECT_EQ(CountOf(**database, "b"), count);
    disk.Empty();
    ASSERT_TRUE(Await((*database)->Write(Pair(count, 60'000), Soon())));
    EXPECT_FALSE((*database)->state().failure);
    ++count;
  }
  auto database = open();
  ASSERT_TRUE(database) << database.error().message;
  EXPECT_EQ(CountOf(**database, "a"), count);
  EXPECT_EQ(CountOf(**database, "b"), count);
}

TEST_F(FullDisk, ADiskThatIsFullAtTheStartSaysSo) {
  const SmallDisk disk(1);
  if (!disk.missing().empty()) {
    GTEST_SKIP() << disk.missing();
  }
  disk.Fill(std::size_t{2} << 20U);
  auto database = stores::sqlite::SqliteDatabase::Open(loop_.get_executor(),
                                                       {.path = disk.path() / "store.db"});
  ASSERT_FALSE(database);
  EXPECT_EQ(database.error().code, Code::kDiskFull) << database.error().message;
  disk.Empty();
  EXPECT_TRUE(stores::sqlite::SqliteDatabase::Open(loop_.get_executor(),
                                                   {.path = disk.path() / "store.db"}));
}

TEST_F(FullDisk, APostgresThatFindsNoRoomSaysSoKeepsAllAndGoesOn) {
  PostgresHost host;
  const SmallDisk disk(24);
  if (!host.missing().empty() || !disk.missing().empty()) {
    GTEST_SKIP() << host.missing() << disk.missing();
  }
  const auto space = disk.path() / "space";
  std::filesystem::create_directory(space);
  struct stat owner{};
  ASSERT_EQ(stat((PostgresHost::server().socket_directory() / "data").c_str(), &owner), 0);
  ASSERT_EQ(chown(space.c_str(), owner.st_uid, owner.st_gid), 0);
  auto& server = PostgresHost::server();
  server.Ask("postgres", fmt::format("CREATE TABLESPACE small LOCATION '{}'", space.native()));
  const std::string name = host.name();
  server.Ask("postgres", fmt::format("ALTER DATABASE {} SET TABLESPACE small", name));
  disk.Fill(std::size_t{4} << 20U);
  {
    auto database = host.Open(loop_);
    ASSERT_TRUE(database) << database.error().message;
    ASSERT_TRUE(Await((*database)->Migrate(kTestMigrations, Soon())));
    // Not compressible to nothing: PostgreSQL would.
    ASSERT_TRUE(Await((*database)->Write(
        {{.sql = "ALTER TABLE items ALTER COLUMN data SET STORAGE EXTERNAL"}}, Soon())));
    std::string message;
    const int count = WriteUntilFull(**database, 200'000, message);
    EXPECT_GT(count, 5);
    EXPECT_EQ(CountOf(**database, "a"), count);
    EXPECT_EQ(CountOf(**database, "b"), count);
    disk.Empty();
    EXPECT_TRUE(Await((*database)->Write(Pair(count, 200'000), Soon())));
    aio::testing::RunUntilDone(loop_, [](store::Database& open) -> aio::Task<bool> {
      co_await open.Close(Soon());
      co_return true;
    }(**database));
  }
  server.Ask("postgres", fmt::format("DROP DATABASE {}", name));
  server.Ask("postgres", "DROP TABLESPACE small");
}

}  // namespace
}  // namespace paddock::testing
