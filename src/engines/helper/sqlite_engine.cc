#include "engines/helper/sqlite_engine.h"

#include <string>
#include <string_view>
#include <utility>

#include "engines/helper/link.h"
#include "engines/helper/sqlite_session.h"
#include "sqlite_helper/protocol/messages.h"

namespace paddock::engines::helper {
namespace {

using sqlite_helper::FrameType;

Result<sqlite_helper::OpenMessage> MessageOf(sql::OpenSpec spec) {
  if (spec.database.empty()) {
    spec.database = kUsualDatabase;
  }
  const std::string_view path = spec.database;
  const bool is_path = path.starts_with('/') && path.find('\0') == std::string_view::npos &&
                       path.size() <= sqlite_helper::kPathBytesMax;
  if (!is_path && path != ":memory:") {
    return Fail(Code::kInvalid, "a database of SQLite is an absolute path or :memory:");
  }
  return sqlite_helper::OpenMessage{.read_only = spec.read_only, .path = std::move(spec.database)};
}

Error RefusalOf(std::string_view path, const sql::StatementError& refused) {
  Error error{.code = Code::kUnavailable, .message = std::string(path) + ": " + refused.message};
  if (refused.code == "SQLITE_CANTOPEN") {
    error.code = Code::kNotFound;
  } else if (refused.code == "SQLITE_NOTADB" || refused.code == "SQLITE_CORRUPT") {
    error.code = Code::kInvalid;
  } else if (refused.code == "SQLITE_PERM" || refused.code == "SQLITE_READONLY") {
    error.code = Code::kDenied;
  }
  return error;
}

// The version, once the helper has the database open.
aio::Task<Result<std::string>> AwaitOpened(Link& link, std::string path, Deadline deadline) {
  for (;;) {
    const auto frame = link.Next();
    if (!frame) {
      co_return Fail(frame.error());
    }
    if (*frame && (*frame)->type == FrameType::kRefused) {
      const auto refused = sqlite_helper::DecodeRefused((*frame)->payload);
      co_return Fail(refused ? RefusalOf(path, *refused) : Broken(link));
    }
    if (*frame) {
      auto version = sqlite_helper::DecodeOpened((*frame)->payload);
      if ((*frame)->type != FrameType::kOpened || !version) {
        co_return Fail(Broken(link));
      }
      co_return "SQLite " + *version;
    }
    auto filled = co_await link.Fill(deadline);
    if (!filled) {
      co_return Fail(std::move(filled).error());
    }
  }
}

}  // namespace

aio::Task<Result<std::unique_ptr<sql::Session>>> SqliteEngine::Open(
    boost::asio::any_io_executor executor,
    sql::OpenSpec spec,
    std::shared_ptr<sql::Dialer> dialer,
    Deadline deadline) {
  auto open = MessageOf(std::move(spec));
  if (!open) {
    co_return Fail(std::move(open).error());
  }
  auto dialled = co_await dialer->Dial(deadline);
  if (!dialled) {
    co_return Fail(std::move(dialled).error());
  }
  auto link = std::make_unique<Link>(executor, *std::move(dialled));
  std::string frame;
  sqlite_helper::AppendOpen(frame, *open);
  auto sent = co_await link->Send(std::move(frame), deadline);
  if (!sent) {
    co_return Fail(std::move(sent).error());
  }
  auto version = co_await AwaitOpened(*link, std::move(open->path), deadline);
  if (!version) {
    co_return Fail(std::move(version).error());
  }
  co_return std::make_unique<SqliteSession>(std::move(link), *std::move(version));
}

}  // namespace paddock::engines::helper
