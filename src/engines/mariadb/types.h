// Types of MariaDB's columns, and the text of their cells. Used by Exchange. Threading: pure.
#pragma once

#include <mysql.h>

#include <string_view>
#include <vector>

#include "sql/rows.h"

namespace paddock::engines::mariadb {

[[nodiscard]] std::vector<sql::Column> DescribeColumns(MYSQL_RES& result);

/// Bytes become lower-case hexadecimal; everything else stays what the server wrote.
void AddCell(sql::CellType type, std::string_view text, sql::Rows& rows);

}  // namespace paddock::engines::mariadb
