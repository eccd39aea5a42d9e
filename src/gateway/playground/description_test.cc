// The gateway for Database Playground against its description, api/database-playground.yaml: its
// operations are all there are, and each needs the scopes that it names, and no others.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "base/check.h"
#include "gateway/method.h"
#include "gateway/playground/testing/playground_fixture.h"
#include "yaml/document.h"

namespace paddock::gateway {
namespace {

/// "GET /questions/{id}" and the scopes that it needs.
std::map<std::string, std::vector<std::string>> DescribedOperations() {
  std::ifstream file(PADDOCK_PLAYGROUND_OPENAPI);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto document = yaml::Parse(text, "database-playground.yaml");
  PADDOCK_CHECK(document.has_value());
  std::map<std::string, std::vector<std::string>> operations;
  for (const auto& path : document->Find("paths")->entries) {
    for (const auto& operation : path.value.entries) {
      if (operation.key == "parameters") {
        continue;
      }
      auto& scopes =
          operations[fmt::format("{} {}", operation.key == "get" ? "GET" : "POST", path.key)];
      for (const auto& scheme : operation.value.Find("security")->items) {
        for (const auto& scope : scheme.Find("bearer")->items) {
          scopes.push_back(scope.scalar);
        }
      }
    }
  }
  return operations;
}

class PlaygroundDescriptionTest : public PlaygroundTest {
 protected:
  /// Asks for `operation` with a token that has `scopes` and one that nothing here asks for.
  testing::RawResponse With(std::string_view operation, std::vector<std::string> scopes) {
    scopes.emplace_back("write:resource");
    const std::string token = NewToken(member_, fmt::format("\"{}\"", fmt::join(scopes, "\",\"")));
    const auto space = operation.find(' ');
    std::string path(operation.substr(space + 1));
    if (const auto at = path.find("{id}"); at != std::string::npos) {
      path.replace(at, 4, path.starts_with("/schemas") ? "shop" : "101");
    }
    return operation.starts_with("POST") ? Post(kRight, token) : Get(path, token);
  }
};

TEST_F(PlaygroundDescriptionTest, HasWhatIsServedAndNothingElse) {
  std::set<std::string> routes;
  for (const auto& route : root_router_.routes()) {
    if (route->pattern != "/openapi/docs/") {  // the same as without the slash
      routes.insert(fmt::format("{} {}", Name(route->method), route->pattern));
    }
  }
  std::set<std::string> described;
  for (const auto& [operation, scopes] : DescribedOperations()) {
    described.insert(operation);
  }
  EXPECT_EQ(routes, described);
}

TEST_F(PlaygroundDescriptionTest, ItsScopesAreEnough) {
  for (const auto& [operation, scopes] : DescribedOperations()) {
    const int status = With(operation, scopes).status;
    EXPECT_NE(status, 401) << operation;
    EXPECT_NE(status, 403) << operation;
  }
}

TEST_F(PlaygroundDescriptionTest, WithoutOneOfItsScopesAnOperationIsDenied) {
  for (const auto& [operation, scopes] : DescribedOperations()) {
    for (const std::string& missing : scopes) {
      auto others = scopes;
      std::erase(others, missing);
      const auto response = With(operation, others);
      EXPECT_EQ(response.status, 403) << operation << missing;
      EXPECT_EQ(Text(response, "message"),
                fmt::format("Insufficient scope ({} is required)", missing));
    }
  }
}

}  // namespace
}  // namespace paddock::gateway
