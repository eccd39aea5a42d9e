#include "runners/server/script.h"

#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace paddock::runners::server {
namespace {

using sql::Dialect;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(ScriptPieces, AreWholeStatementsOfAboutTheSize) {
  constexpr std::string_view kScript = "SELECT 1; SELECT ';'; -- why\nSELECT 3;";
  EXPECT_THAT(ScriptPieces(kScript, Dialect::kPostgres, 0),
              ElementsAre("SELECT 1", "SELECT ';'", "SELECT 3"));
  EXPECT_THAT(ScriptPieces(kScript, Dialect::kPostgres, 22),
              ElementsAre("SELECT 1; SELECT ';'", "SELECT 3"));
  EXPECT_THAT(ScriptPieces(kScript, Dialect::kPostgres, 1'000),
              ElementsAre("SELECT 1; SELECT ';'; -- why\nSELECT 3"));
  EXPECT_THAT(ScriptPieces(" -- nothing\n;;", Dialect::kPostgres, 100), IsEmpty());
}

TEST(ScriptPieces, OfMariadbLeaveItsClientsCommandsOut) {
  EXPECT_THAT(ScriptPieces("DELIMITER //\nCREATE FUNCTION f() RETURNS INT BEGIN RETURN 1; END//\n"
                           "DELIMITER ;\nSELECT 1;",
                           Dialect::kMariadb, 0),
              ElementsAre("CREATE FUNCTION f() RETURNS INT BEGIN RETURN 1; END", "SELECT 1"));
}

}  // namespace
}  // namespace paddock::runners::server
