// ClientMessage: what a client of docs/protocol/sql.md asks for, read strictly.
//
// Used by Conversation. Threading: pure. What arrives is hostile: its size, depth and numbers are
// bounded here, and nothing behind this has to look again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "sql/dialect.h"

namespace paddock::sqlrunner {

using RequestId = std::uint64_t;
using ResultNumber = std::uint64_t;

inline constexpr std::size_t kTextBytesMax = std::size_t{1} * 1024 * 1024;
inline constexpr std::size_t kMessageBytesMax = 2 * kTextBytesMax;
inline constexpr std::uint64_t kCreditRowsMax = 1'000'000;  // of one message
inline constexpr std::uint64_t kWindowRowsMax = 1'000;
inline constexpr std::size_t kSortColumnsMax = 8;
inline constexpr std::size_t kFiltersMax = 8;

struct OpenMessage {
  std::string sandbox;  // empty: `external` is meant
  std::string external;
  sql::Dialect engine = sql::Dialect::kPostgres;
  std::string database;
  std::string user;
  std::string password;
  std::optional<std::uint16_t> port;
};

struct ExecuteMessage {
  std::string text;
  bool store = false;
  std::optional<std::uint64_t> rows_max;
  bool stop_on_error = true;
};

struct MoreMessage {
  std::uint64_t rows = 0;
};

struct SortColumn {
  std::size_t column = 0;
  bool descending = false;
  friend bool operator==(const SortColumn&, const SortColumn&) = default;
};

struct Filter {
  std::size_t column = 0;
  std::string contains;
  friend bool operator==(const Filter&, const Filter&) = default;
};

/// Which rows of a stored result, and in which order.
struct Arrangement {
  std::vector<SortColumn> sort;
  std::vector<Filter> filter;
  [[nodiscard]] bool is_plain() const noexcept { return sort.empty() && filter.empty(); }
  friend bool operator==(const Arrangement&, const Arrangement&) = default;
};

struct ViewMessage {
  ResultNumber result = 0;
  std::uint64_t offset = 0;
  std::uint64_t limit = 0;
  Arrangement arrangement;
};

enum class ExportFormat : std::uint8_t { kCsv, kJson };

struct ExportMessage {
  ResultNumber result = 0;
  ExportFormat format = ExportFormat::kCsv;
  Arrangement arrangement;
};

struct DropMessage {
  ResultNumber result = 0;
};

struct CompleteMessage {
  std::string text;
  std::size_t position = 0;
};

struct ExplainMessage {
  std::string text;
  bool analyze = false;
};

struct CancelMessage {};
struct DescribeMessage {};
struct CloseMessage {};

using MessageBody = std::variant<OpenMessage,
                                 ExecuteMessage,
                                 MoreMessage,
                                 CancelMessage,
                                 ViewMessage,
                                 ExportMessage,
                                 DropMessage,
                                 DescribeMessage,
                                 CompleteMessage,
                                 ExplainMessage,
                                 CloseMessage>;

struct ClientMessage {
  RequestId id = 0;  // zero where the type has none
  MessageBody body;
};

/// What is wrong with a message, and which request to tell.
struct BadMessage {
  std::optional<RequestId> id;
  std::string message;
};

[[nodiscard]] std::expected<ClientMessage, BadMessage> ParseClientMessage(std::string_view text);

}  // namespace paddock::sqlrunner
