// What a statement of SQLite did, in a few words: SQLite itself says nothing.
//
// Used by Exchange and SqliteSession. Threading: pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace paddock::engines::helper {

/// The first word, in upper case; with the kind of thing after CREATE, ALTER or DROP: "SELECT",
/// "CREATE TABLE". Empty when there is no statement.
[[nodiscard]] std::string CommandOf(std::string_view statement);

/// Whether the command changes rows and SQLite counts them.
[[nodiscard]] bool IsChange(std::string_view command);

/// "SELECT 10", "INSERT 3", "CREATE TABLE".
[[nodiscard]] std::string TagOf(std::string_view command, std::optional<std::uint64_t> row_count);

}  // namespace paddock::engines::helper
