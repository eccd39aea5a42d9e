#include "sqlite_helper/server.h"

#include <utility>

namespace paddock::sqlite_helper {
namespace {

using engines::sqlite::Connection;
using engines::sqlite::SqlResult;
using engines::sqlite::Statement;

// A batch leaves when it has so many rows, so many bytes, or waits so long for the next row.
constexpr std::size_t kBatchRowsMax = 1'000;
constexpr std::size_t kBatchBytes = std::size_t{64} * 1024;
constexpr std::chrono::milliseconds kBatchPatience{100};

sql::StatementError Refused(std::string code, std::string message) {
  return {.code = std::move(code), .message = std::move(message)};
}

}  // namespace

void Server::Run() {
  FrameReader reader(Sender::kEngine);
  const auto open = AwaitOpen(reader);
  if (!open) {
    return;
  }
  auto connection = Connection::Open(open->path, open->read_only);
  if (!connection) {
    AppendRefused(outbox_.frames(), connection.error());
    outbox_.Flush();
    return;
  }
  AppendOpened(outbox_.frames(), engines::sqlite::LibraryVersion());
  outbox_.Flush();
  Serve(**connection, std::move(reader));
}

std::optional<OpenMessage> Server::AwaitOpen(FrameReader& reader) const {
  for (;;) {
    const auto frame = reader.Next();
    if (!frame) {
      return std::nullopt;
    }
    if (frame->has_value()) {
      const auto open = DecodeOpen((*frame)->payload);
      const bool is_ours = (*frame)->type == FrameType::kOpen && open && open->version == kVersion;
      return is_ours ? std::optional(*open) : std::nullopt;
    }
    if (!ReadSome(input_, reader)) {
      return std::nullopt;
    }
  }
}

void Server::Serve(Connection& connection, FrameReader reader) {
  Inbox inbox(input_, std::move(reader), connection);
  while (const auto execute = inbox.Next()) {
    Execute(connection, *execute);
    inbox.Finish();  // before the engine hears of the end and sends the next
    outbox_.Flush();
  }
}

void Server::Execute(Connection& connection, const ExecuteMessage& execute) {
  bool could_change = false;
  std::uint64_t changed_rows = 0;
  const auto run = [&]() -> SqlResult<void> {
    auto statement = connection.Prepare(execute.text);
    if (!statement) {
      return std::unexpected(std::move(statement).error());
    }
    could_change = !statement->is_read_only();
    if (could_change && execute.only_reads) {
      return std::unexpected(Refused("SQLITE_READONLY", "the statement may change the database"));
    }
    auto sent = SendRows(*statement);
    changed_rows = statement->ChangedRows();
    return sent;
  };
  auto ended = run();
  // After the statement was finalized, which may be what ends a transaction.
  const bool in_transaction = connection.in_transaction();
  if (ended) {
    AppendComplete(outbox_.frames(), {.in_transaction = in_transaction,
                                      .could_change = could_change,
                                      .changed_rows = changed_rows});
  } else {
    AppendError(outbox_.frames(),
                {.in_transaction = in_transaction, .error = std::move(ended).error()});
  }
}

SqlResult<void> Server::SendRows(Statement& statement) {
  const auto columns = statement.Columns();
  if (columns.size() > kColumnsMax) {
    return std::unexpected(Refused("SQLITE_TOOBIG", "the result has too many columns"));
  }
  if (!columns.empty()) {
    AppendColumns(outbox_.frames(), columns);
  }
  sql::Rows rows(columns.size());
  sent_at_ = Clock::now();
  for (;;) {
    const auto more = statement.Step();
    if (!more || !*more) {
      SendBatch(rows);
      return more ? SqlResult<void>() : std::unexpected(more.error());
    }
    if (statement.RowBytes() > kRowBytesMax) {
      SendBatch(rows);
      return std::unexpected(Refused("SQLITE_TOOBIG", "a row of the result is over 16 MiB"));
    }
    statement.AppendRow(rows);
    if (rows.row_count() == kBatchRowsMax || rows.byte_count() >= kBatchBytes ||
        Clock::now() - sent_at_ >= kBatchPatience) {
      SendBatch(rows);
      outbox_.Flush();
      sent_at_ = Clock::now();
    }
    if (outbox_.is_broken()) {
      return std::unexpected(Refused("SQLITE_ABORT", "nobody takes the rows"));
    }
  }
}

void Server::SendBatch(sql::Rows& rows) {
  if (!rows.empty()) {
    AppendRows(outbox_.frames(), rows);
    rows.Clear();
  }
}

}  // namespace paddock::sqlite_helper
