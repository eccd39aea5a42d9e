#include "stores/postgres/snapshot.h"

#include <utility>

#include "stores/postgres/connection.h"

namespace paddock::stores::postgres {
namespace {

// The moment is that of the first statement after BEGIN.
constexpr const char* kBegin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT 1";

class PostgresSnapshot final : public store::Snapshot {
 public:
  PostgresSnapshot(std::unique_ptr<Connection> connection, std::shared_ptr<int> count)
      : connection_(std::move(connection)), count_(std::move(count)) {
    ++*count_;
  }
  ~PostgresSnapshot() override { --*count_; }
  PostgresSnapshot(const PostgresSnapshot&) = delete;
  PostgresSnapshot& operator=(const PostgresSnapshot&) = delete;

  aio::Task<Result<store::Rows>> Read(store::Statement statement, Deadline deadline) override {
    if (auto checked = store::CheckStatements({&statement, 1}); !checked) {
      co_return Fail(std::move(checked).error());
    }
    if (!connection_->in_transaction()) {
      co_return Fail(Code::kUnavailable, "the snapshot is over, since a read of it failed");
    }
    auto rows = co_await connection_->Run(std::move(statement), deadline);
    co_return rows;
  }

 private:
  std::unique_ptr<Connection> connection_;
  std::shared_ptr<int> count_;
};

}  // namespace

aio::Task<Result<std::unique_ptr<store::Snapshot>>> OpenSnapshot(Settings settings,
                                                                 std::shared_ptr<int> count,
                                                                 Deadline deadline) {
  auto connected =
      co_await Connection::Connect(std::move(settings), Connection::Mode::kRead, deadline);
  if (!connected) {
    co_return Fail(std::move(connected).error());
  }
  auto begun = co_await (*connected)->Execute(kBegin, deadline);
  if (!begun) {
    co_return Fail(std::move(begun).error());
  }
  co_return std::make_unique<PostgresSnapshot>(*std::move(connected), std::move(count));
}

}  // namespace paddock::stores::postgres
