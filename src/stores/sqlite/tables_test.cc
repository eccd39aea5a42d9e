#include "store/tables.h"

#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "aio/testing/run_on.h"
#include "store/migrations.h"
#include "stores/sqlite/testing/sqlite_host.h"

namespace paddock::stores::sqlite {
namespace {

using store::ColumnType;

class Schema : public ::testing::Test {
 protected:
  void SetUp() override {
    database_ = host_.Open(loop_).value();
    auto migrated =
        aio::testing::RunUntilDone(loop_, database_->Migrate(store::Migrations(), Soon()));
    ASSERT_TRUE(migrated) << migrated.error().message;
  }
  std::vector<store::Row> Read(std::string sql) {
    store::Statement statement{.sql = std::move(sql)};
    auto rows = aio::testing::RunUntilDone(loop_, database_->Read(std::move(statement), Soon()));
    EXPECT_TRUE(rows) << rows.error().message;
    return rows ? rows->rows : std::vector<store::Row>();
  }
  static Deadline Soon() { return Deadline::After(std::chrono::seconds(20)); }

  boost::asio::io_context loop_;
  testing::SqliteHost host_;
  std::unique_ptr<store::Database> database_;
};

std::string TypeName(ColumnType type) {
  const std::map<ColumnType, std::string> names{{ColumnType::kText, "TEXT"},
                                                {ColumnType::kInteger, "INTEGER"},
                                                {ColumnType::kReal, "REAL"},
                                                {ColumnType::kBytes, "BLOB"}};
  return names.at(type);
}

TEST_F(Schema, EveryTableAndColumnOfItIsListedForExports) {
  std::map<std::string, std::vector<std::string>> expected;
  for (const store::Table& table : store::Tables()) {
    auto& columns = expected[std::string(table.name)];
    columns = {"namespace TEXT 1"};
    for (const store::Column& column : table.columns) {
      const std::size_t index = columns.size();
      const std::size_t key = index <= table.key_count ? index + 1 : 0;
      columns.push_back(std::string(column.name) + " " + TypeName(column.type) + " " +
                        std::to_string(key));
    }
  }
  std::map<std::string, std::vector<std::string>> found;
  for (const store::Row& row :
       Read("SELECT t.name, c.name || ' ' || c.type || ' ' || c.pk FROM sqlite_schema t, "
            "pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name <> 'schema_versions' "
            "AND t.name NOT LIKE 'sqlite_%' ORDER BY t.name, c.cid")) {
    found[std::get<std::string>(row[0])].push_back(std::get<std::string>(row[1]));
  }
  EXPECT_EQ(found, expected);
}

TEST_F(Schema, ATableComesAfterThoseItRefersTo) {
  std::map<std::string, bool> listed;
  for (const store::Table& table : store::Tables()) {
    const std::string name(table.name);
    for (const store::Row& row :
         Read("SELECT DISTINCT \"table\" FROM pragma_foreign_key_list('" + name + "')")) {
      EXPECT_TRUE(listed[std::get<std::string>(row[0])])
          << name << " refers to " << std::get<std::string>(row[0]);
    }
    listed[name] = true;
  }
}

TEST_F(Schema, EveryUniquenessIsOneOfTheNamespaceOnly) {
  // The first column of each index is the namespace, or two deployments would disturb each other.
  const auto rows = Read(
      "SELECT i.name FROM sqlite_schema t, pragma_index_list(t.name) i, "
      "pragma_index_info(i.name) c WHERE t.type = 'table' AND i.\"unique\" AND c.seqno = 0 "
      "AND c.name <> 'namespace' AND t.name NOT IN ('schema_versions')");
  for (const store::Row& row : rows) {
    ADD_FAILURE() << std::get<std::string>(row[0]);
  }
}

}  // namespace
}  // namespace paddock::stores::sqlite
