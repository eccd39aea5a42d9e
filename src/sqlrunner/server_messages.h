// The messages of docs/protocol/sql.md that the runner sends, as JSON texts.
//
// Used by Conversation and its parts. Threading: pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sql/catalog.h"
#include "sql/engine.h"
#include "sql/plan.h"
#include "sqlrunner/client_message.h"
#include "sqlrunner/completion.h"

namespace paddock::sqlrunner {

struct OpenedSession {
  std::string_view engine;
  std::string_view version;
  std::string_view database;
  std::string_view user;
  sql::TransactionState transaction = sql::TransactionState::kNone;
  bool read_only = false;
};

struct CompletedResult {
  std::optional<ResultNumber> result;
  std::string_view tag;
  std::optional<std::uint64_t> rows;
  std::optional<std::uint64_t> affected;
  std::string_view truncated;  // empty: not
  std::chrono::microseconds elapsed{0};
};

[[nodiscard]] std::string OpenedText(RequestId id, const OpenedSession& session);
[[nodiscard]] std::string StatementText(RequestId id,
                                        std::size_t index,
                                        std::size_t begin,
                                        std::size_t end);
[[nodiscard]] std::string ColumnsText(RequestId id,
                                      std::optional<ResultNumber> result,
                                      const std::vector<sql::Column>& columns);
/// {"type":"rows",…,"rows":[ ; the rows and "]}" follow.
[[nodiscard]] std::string RowsHead(RequestId id, std::optional<ResultNumber> result);
[[nodiscard]] std::string ProgressText(RequestId id, ResultNumber result, std::uint64_t rows);
[[nodiscard]] std::string CompleteText(RequestId id, const CompletedResult& completed);
[[nodiscard]] std::string NoticeText(RequestId id, const sql::Notice& notice);
/// `offset` is where the statement begins in the whole text.
[[nodiscard]] std::string ErrorText(RequestId id,
                                    std::size_t index,
                                    const sql::StatementError& error,
                                    std::size_t offset);
[[nodiscard]] std::string DoneText(RequestId id,
                                   sql::TransactionState transaction,
                                   bool is_cancelled,
                                   std::string_view truncated);
[[nodiscard]] std::string WindowText(RequestId id,
                                     const ViewMessage& view,
                                     std::string_view rows,
                                     std::uint64_t total,
                                     bool is_complete);
[[nodiscard]] std::string ChunkText(RequestId id, std::string_view text);
[[nodiscard]] std::string CatalogText(RequestId id, const sql::Catalog& catalog);
[[nodiscard]] std::string CompletionsText(RequestId id, const Completions& completions);
[[nodiscard]] std::string PlanText(RequestId id, const sql::Plan& plan);
[[nodiscard]] std::string FailedText(std::optional<RequestId> id, const Error& error);
[[nodiscard]] std::string ClosedText(std::string_view reason, std::string_view message);

}  // namespace paddock::sqlrunner
