// The schema that the suites work on: one table with a column of each type, one that refers to it.
#pragma once

#include <array>

#include "store/database.h"

namespace paddock::store::testing {

inline constexpr std::string_view kCreateItems =
    "CREATE TABLE items (namespace TEXT NOT NULL, id TEXT NOT NULL, number BIGINT, "
    "ratio DOUBLE PRECISION, content TEXT, PRIMARY KEY (namespace, id));"
    "CREATE UNIQUE INDEX items_content ON items (namespace, content)";
inline constexpr std::string_view kCreateParts =
    "CREATE TABLE parts (namespace TEXT NOT NULL, item TEXT NOT NULL, position BIGINT NOT NULL, "
    "PRIMARY KEY (namespace, item, position), "
    "FOREIGN KEY (namespace, item) REFERENCES items (namespace, id) ON DELETE CASCADE);"
    "-- a comment; with a semicolon\n"
    "INSERT INTO parts (namespace, item, position) SELECT namespace, id, 0 FROM items";

inline constexpr auto kTestMigrations = std::to_array<Migration>({
    {.version = 1, .name = "items", .sqlite = kCreateItems, .postgres = kCreateItems},
    {.version = 2,
     .name = "data",
     .sqlite = "ALTER TABLE items ADD COLUMN data BLOB",
     .postgres = "ALTER TABLE items ADD COLUMN data BYTEA"},
    {.version = 3, .name = "parts", .sqlite = kCreateParts, .postgres = kCreateParts},
});

[[nodiscard]] inline Statement InsertItem(std::string id, Value number = {}, Value content = {}) {
  return {.sql = "INSERT INTO items (namespace, id, number, content) VALUES ('test', ?, ?, ?)",
          .values = {std::move(id), std::move(number), std::move(content)}};
}

[[nodiscard]] inline Statement CountItems() {
  return {.sql = "SELECT COUNT(*) FROM items WHERE namespace = 'test'"};
}

}  // namespace paddock::store::testing
