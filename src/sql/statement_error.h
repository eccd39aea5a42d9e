// StatementError: what a database said about a statement that failed.
//
// It is an outcome, not a fault of ours: the learner reads it as the database wrote it. Faults of
// Paddock (connection lost, runner gone) are an Error instead, and never count against a learner.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace paddock::sql {

struct StatementError {
  std::string code;         // SQLSTATE, or the engine's own: "42P01", "1064", "SQLITE_ERROR"
  std::string message;      // the database's words
  std::string detail = {};  // NOLINT: may be left out
  std::string hint = {};    // NOLINT: may be left out
  std::optional<std::size_t> position = std::nullopt;  // bytes from the start of the learner's text
};

/// What an engine's own code is when we stopped the statement ourselves.
inline constexpr std::string_view kCancelledState = "57014";

struct Notice {
  std::string severity;  // "NOTICE", "WARNING"
  std::string code;
  std::string message;
};

}  // namespace paddock::sql
