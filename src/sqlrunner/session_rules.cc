#include "sqlrunner/session_rules.h"

#include <algorithm>
#include <array>
#include <string>

namespace paddock::sqlrunner {

std::size_t BytesOf(const ClientMessage& message) {
  constexpr std::size_t kSmall = 256;
  if (const auto* execute = std::get_if<ExecuteMessage>(&message.body)) {
    return kSmall + execute->text.size();
  }
  if (const auto* explain = std::get_if<ExplainMessage>(&message.body)) {
    return kSmall + explain->text.size();
  }
  if (const auto* complete = std::get_if<CompleteMessage>(&message.body)) {
    return kSmall + complete->text.size();
  }
  return kSmall;
}

bool MayChangeCatalog(std::string_view statement) {
  constexpr auto kReading = std::to_array<std::string_view>(
      {"select", "insert", "update", "delete", "show", "explain", "values", "table"});
  const auto word = statement.substr(0, statement.find_first_of(" \t\r\n("));
  std::string lower(word);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return std::ranges::find(kReading, lower) == kReading.end();
}

sql::StatementError AsStatementError(const Error& failure) {
  std::string_view code = "58000";
  if (failure.code == Code::kDiskFull) {
    code = "53100";
  } else if (failure.code == Code::kExhausted) {
    code = "54000";
  } else if (failure.code == Code::kDeadlineExceeded || failure.code == Code::kCancelled) {
    code = sql::kCancelledState;
  }
  return {.code = std::string(code), .message = std::string(failure.reason())};
}

}  // namespace paddock::sqlrunner
