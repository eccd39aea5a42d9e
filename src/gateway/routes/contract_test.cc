// The API against its description, api/openapi.yaml: neither has what the other does not.
//
// That every answer is declared is asked by ApiTest::Ask, for every request of every test.
#include <set>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "gateway/routes/testing/api_fixture.h"
#include "gateway/routes/testing/description.h"
#include "gateway/routes/testing/test_people.h"
#include "gateway/site.h"
#include "gateway/status.h"
#include "questions/services.h"
#include "questions/testing/sqlite_runner.h"

namespace paddock::gateway {
namespace {

TEST(ContractTest, EveryRouteIsDescribedAndEveryDescribedOperationExists) {
  sandbox::testing::FakeDriver driver;
  sandbox::Manager manager({}, driver, {});
  const identity::Secret secret{7};
  const identity::TokenSigner signer(secret, std::chrono::hours(1));
  Metrics metrics;
  boost::asio::io_context loop;
  testing::TestPeople people(loop);
  questions::testing::SqliteRunner runner;
  questions::Services bank(people.database, people.services.name_space, runner,
                           people.services.audit);
  Api api({}, {.manager = manager,
               .secret = secret,
               .signer = signer,
               .identity = people.services,
               .questions = bank,
               .metrics = metrics});
  Router router;
  api.AddTo(router);
  AddSite(router, metrics, {});
  std::set<std::string> routes{"GET /openapi/openapi.yaml"};  // a page among the others
  for (const auto& route : router.routes()) {
    if (route->pattern != "/openapi/docs/") {  // the same as without the slash
      routes.insert(fmt::format("{} {}", Name(route->method), route->pattern));
    }
  }
  std::set<std::string> described;
  for (const auto& [operation, statuses] : testing::Description::Get().operations()) {
    described.insert(operation);
  }
  EXPECT_EQ(routes, described);
  aio::testing::RunUntilDone(loop, people.Close());
}

TEST(ContractTest, EveryErrorNameIsDescribed) {
  const auto& codes = testing::Description::Get().codes();
  for (int status = 400; status < 600; ++status) {
    EXPECT_TRUE(codes.contains(std::string(ErrorName(status)))) << status << ErrorName(status);
  }
  for (int code = 0; code <= static_cast<int>(kLastCode); ++code) {
    EXPECT_TRUE(codes.contains(std::string(Name(static_cast<Code>(code))))) << code;
  }
}

}  // namespace
}  // namespace paddock::gateway
