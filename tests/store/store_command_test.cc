// `paddock store` itself: from SQLite to PostgreSQL and back, beside a server, and what it refuses.

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "aio/process.h"
#include "aio/testing/run_on.h"
#include "images/testing/temp_directory.h"
#include "postgres_host.h"
#include "store/migrations.h"
#include "store/testing/sample_rows.h"
#include "stores/sqlite/sqlite_database.h"

namespace paddock::testing {
namespace {

namespace fs = std::filesystem;

struct Ran {
  int status = -1;
  std::string output;
};

class StoreCommand : public ::testing::Test {
 protected:
  void SetUp() override { fs::create_directory(data_dir_ / "server"); }

  template <class T>
  T Await(aio::Task<T> task) {
    return aio::testing::RunUntilDone(loop_, std::move(task));
  }
  static Deadline Soon() { return Deadline::After(std::chrono::seconds(60)); }

  Ran Run(std::vector<std::string> words, std::map<std::string, std::string> environment = {}) {
    words.insert(words.begin(),
                 {fs::read_symlink("/proc/self/exe").parent_path() / "paddock", "store"});
    environment["PADDOCK_CONFIG"] = (data_dir_ / "paddock.toml").native();
    aio::Command command{.argv = std::move(words), .env = std::move(environment)};
    std::ofstream(data_dir_ / "paddock.toml") << "data-dir = \"" << data_dir_.native() << "\"\n";
    auto outcome = Await(aio::RunCommand(std::move(command), Soon()));
    EXPECT_TRUE(outcome) << outcome.error().message;
    return outcome ? Ran{.status = outcome->exit.exit_code.value_or(-1), .output = outcome->output}
                   : Ran();
  }
  std::unique_ptr<stores::sqlite::SqliteDatabase> OpenServer() {
    auto opened = stores::sqlite::SqliteDatabase::Open(loop_.get_executor(),
                                                       {.path = data_dir_ / "server/store.db"});
    EXPECT_TRUE(opened) << opened.error().message;
    EXPECT_TRUE(Await((*opened)->Migrate(store::Migrations(), Soon())));
    return std::move(opened).value();
  }
  static std::string ContentOf(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  boost::asio::io_context loop_;
  images::TempDirectory directory_;
  fs::path data_dir_ = directory_.path();
};

TEST_F(StoreCommand, MovesAStoreToPostgresAndBack) {
  PostgresHost host;
  if (!host.missing().empty()) {
    GTEST_SKIP() << host.missing();
  }
  // As the server that goes on: the export is made beside it.
  auto server = OpenServer();
  ASSERT_TRUE(Await(server->Write(store::testing::SampleRows("paddock", 1), Soon())));
  const fs::path first = data_dir_ / "first.json";
  const Ran exported = Run({"export", first});
  ASSERT_EQ(exported.status, 0) << exported.output;
  struct stat status{};
  ASSERT_EQ(stat(first.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);

  const std::string url = PostgresHost::server().Url(host.name());
  const Ran imported = Run({"import", first}, {{"PADDOCK_STORE", url}});
  ASSERT_EQ(imported.status, 0) << imported.output;
  const fs::path second = data_dir_ / "second.json";
  ASSERT_EQ(Run({"export", second, "--store", url}).status, 0);
  EXPECT_EQ(ContentOf(second), ContentOf(first));

  const std::string file = "sqlite:" + (data_dir_ / "copy.db").native();
  const Ran returned = Run({"import", second, "--store", file});
  ASSERT_EQ(returned.status, 0) << returned.output;
  const fs::path third = data_dir_ / "third.json";
  ASSERT_EQ(Run({"export", third, "--store", file}).status, 0);
  EXPECT_EQ(ContentOf(third), ContentOf(first));
}

TEST_F(StoreCommand, AnImportIntoAFileThatAServerUsesIsRefused) {
  auto server = OpenServer();
  ASSERT_EQ(Run({"export", data_dir_ / "all.json"}).status, 0);
  const Ran refused = Run({"import", data_dir_ / "all.json", "--namespace", "other"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_NE(refused.output.find("is in use by another paddock"), std::string::npos)
      << refused.output;
}

TEST_F(StoreCommand, AnExportThatFailsLeavesNoFile) {
  const fs::path file = data_dir_ / "all.json";
  const Ran failed = Run({"export", file});
  EXPECT_EQ(failed.status, 1) << failed.output;
  EXPECT_FALSE(fs::exists(file));
  EXPECT_FALSE(fs::exists(file.native() + ".partial"));
  EXPECT_FALSE(fs::exists(data_dir_ / "server/store.db"));
}

TEST_F(StoreCommand, ThePasswordOfAUrlIsNeverSaid) {
  for (const char* url : {"postgres://paddock:hunter2@127.0.0.1:1/db",
                          "postgres://paddock:hunter2%@127.0.0.1:1/db", "mysql://a:hunter2@b/c"}) {
    const Ran failed = Run({"export", "-"}, {{"PADDOCK_STORE", url}});
    EXPECT_NE(failed.status, 0);
    EXPECT_EQ(failed.output.find("hunter2"), std::string::npos) << failed.output;
    EXPECT_FALSE(failed.output.empty());
  }
}

TEST_F(StoreCommand, WrongUsageIsExplained) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{},
                                                {"export"},
                                                {"move", "x"},
                                                {"export", "--store"},
                                                {"export", "-", "--namespace", "A B"}}) {
    EXPECT_EQ(Run(words).status, 2);
  }
  EXPECT_EQ(Run({"--help"}).status, 0);
}

}  // namespace
}  // namespace paddock::testing
