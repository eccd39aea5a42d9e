#include "stores/sqlite/snapshot.h"

#include <utility>

#include <boost/asio/thread_pool.hpp>

#include "aio/offload.h"
#include "stores/sqlite/connection.h"

namespace paddock::stores::sqlite {
namespace {

class SqliteSnapshot final : public store::Snapshot {
 public:
  explicit SqliteSnapshot(std::shared_ptr<int> count) : count_(std::move(count)) { ++*count_; }
  ~SqliteSnapshot() override {
    thread_.join();
    --*count_;
  }
  SqliteSnapshot(const SqliteSnapshot&) = delete;
  SqliteSnapshot& operator=(const SqliteSnapshot&) = delete;

  aio::Task<Result<void>> Begin(std::string path, std::string vfs) {
    auto open = [this, path, vfs] { return BeginBlocking(path, vfs); };
    co_return co_await aio::Offload(thread_, std::move(open));
  }

  aio::Task<Result<store::Rows>> Read(store::Statement statement, Deadline deadline) override {
    if (auto checked = store::CheckStatements({&statement, 1}); !checked) {
      co_return Fail(std::move(checked).error());
    }
    auto run = [this, deadline, asked = std::move(statement)] {
      const Watch watch{.deadline = deadline};
      connection_->SetWatch(&watch);
      auto rows = connection_->Run(asked);
      connection_->SetWatch(nullptr);
      return rows;
    };
    co_return co_await aio::Offload(thread_, std::move(run));
  }

 private:
  Result<void> BeginBlocking(const std::string& path, const std::string& vfs) {
    auto connection = Connection::Open(path, Access::kRead, vfs);
    if (!connection) {
      return Fail(std::move(connection).error());
    }
    connection_ = *std::move(connection);
    // The moment is that of the first read, not of BEGIN.
    return connection_->Execute("BEGIN; SELECT count(*) FROM sqlite_schema");
  }

  std::shared_ptr<int> count_;
  std::unique_ptr<Connection> connection_;  // the thread's, while it works
  boost::asio::thread_pool thread_{1};
};

}  // namespace

aio::Task<Result<std::unique_ptr<store::Snapshot>>> OpenSnapshot(std::string path,
                                                                 std::string vfs,
                                                                 std::shared_ptr<int> count,
                                                                 Deadline deadline) {
  if (deadline.Passed()) {
    co_return Fail(Code::kDeadlineExceeded, "deadline passed before the database was asked");
  }
  auto snapshot = std::make_unique<SqliteSnapshot>(std::move(count));
  auto begun = co_await snapshot->Begin(std::move(path), std::move(vfs));
  if (!begun) {
    co_return Fail(std::move(begun).error());
  }
  co_return std::unique_ptr<store::Snapshot>(std::move(snapshot));
}

}  // namespace paddock::stores::sqlite
