// store_writer URL: writes to a store until it is killed, and says what was acknowledged.
//
// Several writers at once; each transaction adds one to a sum and inserts two rows of a number. The
// number goes to the standard output, four bytes, once the transaction is acknowledged.
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include "aio/task_scope.h"
#include "store/testing/test_schema.h"
#include "stores/postgres/postgres_database.h"
#include "stores/sqlite/sqlite_database.h"

namespace paddock::testing {
namespace {

constexpr int kWriters = 20;

class WriterProcess {
 public:
  explicit WriterProcess(std::string url) : url_(std::move(url)) {}

  int Run() {
    scope_.Spawn(Start());
    loop_.run();
    return 1;  // it should have been killed
  }

 private:
  static Deadline Soon() { return Deadline::After(std::chrono::seconds(60)); }

  aio::Task<Result<std::unique_ptr<store::Database>>> Open() {
    if (url_.starts_with("postgres://")) {
      auto opened = co_await stores::postgres::PostgresDatabase::Open(url_, Soon());
      co_return opened;
    }
    co_return stores::sqlite::SqliteDatabase::Open(loop_.get_executor(), {.path = url_});
  }

  aio::Task<void> Start() {
    auto opened = co_await Open();
    if (!opened) {
      fmt::print(stderr, "{}\n", opened.error().message);
      co_return;
    }
    database_ = *std::move(opened);
    for (int i = 0; i < kWriters; ++i) {
      scope_.Spawn(WriteForEver());
    }
  }

  aio::Task<void> WriteForEver() {
    for (;;) {
      const std::uint32_t number = (static_cast<std::uint32_t>(getpid()) << 12U) + next_++;
      store::Transaction transaction{
          {.sql = "UPDATE items SET number = number + 1 WHERE id = 'sum'"},
          store::testing::InsertItem(fmt::format("a{}", number), std::int64_t{number}),
          store::testing::InsertItem(fmt::format("b{}", number))};
      auto written = co_await database_->Write(std::move(transaction), Soon());
      if (!written) {
        co_return;  // the server has been killed
      }
      if (write(STDOUT_FILENO, &number, sizeof number) != sizeof number) {
        co_return;
      }
    }
  }

  std::string url_;
  boost::asio::io_context loop_{1};
  std::unique_ptr<store::Database> database_;
  aio::TaskScope scope_{loop_.get_executor()};
  std::uint32_t next_ = 0;
};

}  // namespace
}  // namespace paddock::testing

int main(int argc, char** argv) {
  return argc == 2 ? paddock::testing::WriterProcess(argv[1]).Run() : 2;
}
