// A schema's script goes to a runner once; from then on its digest stands for it.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "challenges/testing/scripted_runner.h"
#include "rpc/services/known_schemas.h"
#include "rpc/services/runner_messages.h"
#include "rpc/services/runner_service.h"
#include "rpc/services/testing/service_host_test.h"
#include "runner.grpc.pb.h"

namespace paddock::rpc {
namespace {

namespace v1 = runner::v1;

/// Writes down how each schema was named, before the real service answers. With `is_old` it is one
/// that knows of no digests.
class RecordingService final : public v1::Runner::CallbackService {
 public:
  explicit RecordingService(std::unique_ptr<grpc::Service> service)
      : owned_(std::move(service)), service_(dynamic_cast<v1::Runner::CallbackService&>(*owned_)) {}

  grpc::ServerUnaryReactor* Run(grpc::CallbackServerContext* context,
                                const v1::RunRequest* request,
                                v1::RunReply* reply) override {
    seen.push_back(request->dialect().empty() ? "digest" : request->script());
    if (is_old) {
      seen_request_ = *request;
      seen_request_.clear_digest();
      return service_.Run(context, &seen_request_, reply);
    }
    return service_.Run(context, request, reply);
  }

  std::vector<std::string> seen;
  bool is_old = false;

 private:
  std::unique_ptr<grpc::Service> owned_;
  v1::Runner::CallbackService& service_;
  v1::RunRequest seen_request_;
};

class RunnerSchemasTest : public testing::ServiceHostTest {
 public:
  RunnerSchemasTest() {
    runner_.answer = [](const challenges::RunRequest& request) {
      return challenges::RunOutcome{.engine_version = request.schema->script};
    };
    Listen({&service_});
  }
  ~RunnerSchemasTest() override { Stop(); }
  RunnerSchemasTest(const RunnerSchemasTest&) = delete;
  RunnerSchemasTest& operator=(const RunnerSchemasTest&) = delete;
  RunnerSchemasTest(RunnerSchemasTest&&) = delete;
  RunnerSchemasTest& operator=(RunnerSchemasTest&&) = delete;

 protected:
  static challenges::RunRequest RequestFor(const std::string& script) {
    challenges::RunRequest request;
    request.schema = challenges::MakeSchema(sql::Dialect::kSqlite, script);
    request.query = "SELECT 1";
    return request;
  }
  /// The script that `client`'s query ran on.
  std::string Run(RunnerClient& client, const std::string& script) {
    auto ran = Await(client.Run(RequestFor(script), Soon()));
    return ran ? (*ran)->engine_version : ran.error().message;
  }

  using Seen = std::vector<std::string>;

  challenges::testing::ScriptedRunner runner_;  // answers with the script that it was given
  RecordingService service_{MakeRunnerService(*host_, runner_, {.count = 2, .bytes = 100})};
};

TEST_F(RunnerSchemasTest, AScriptIsSentOnceAndThenNamed) {
  RunnerClient client(loop_.get_executor(), As("gateway"));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Run(client, "one"), "one");
  }
  EXPECT_EQ(Run(client, "two"), "two");
  EXPECT_EQ(service_.seen, (Seen{"one", "digest", "digest", "two"}));
}

TEST_F(RunnerSchemasTest, WhatTheRunnerHasForgottenIsSentAgain) {
  RunnerClient client(loop_.get_executor(), As("gateway"));
  for (const char* script : {"one", "two", "three", "one"}) {
    EXPECT_EQ(Run(client, script), script);
  }
  EXPECT_EQ(service_.seen, (Seen{"one", "two", "three", "digest", "one"}));
  EXPECT_EQ(runner_.run_count, 4) << "nothing runs on a schema that is not there";
}

TEST_F(RunnerSchemasTest, WhatIsTooLargeToBeKeptIsSentEachTime) {
  RunnerClient client(loop_.get_executor(), As("gateway"));
  const std::string large(101, 'x');
  EXPECT_EQ(Run(client, large), large);
  EXPECT_EQ(Run(client, large), large);
  EXPECT_EQ(service_.seen, (Seen{large, large}));
}

TEST_F(RunnerSchemasTest, ARunnerThatKnowsOfNoDigestsGetsTheScriptEachTime) {
  service_.is_old = true;
  RunnerClient client(loop_.get_executor(), As("gateway"));
  EXPECT_EQ(Run(client, "one"), "one");
  EXPECT_EQ(Run(client, "one"), "one");
  EXPECT_EQ(service_.seen, (Seen{"one", "one"}));
}

TEST_F(RunnerSchemasTest, ADigestIsNotTakenOnTrust) {
  RunnerClient client(loop_.get_executor(), As("gateway"));
  v1::RunRequest message;
  Fill(RequestFor("one"), Naming::kByScript, message);
  message.set_script("another");
  EXPECT_EQ(RequestOf(message).error().code, Code::kInvalid);
  message.clear_digest();
  EXPECT_TRUE(RequestOf(message)) << "as clients of before";
  v1::RunRequest nothing;
  EXPECT_EQ(RequestOf(nothing).error().code, Code::kInvalid);
}

TEST(KnownSchemas, WhatWasNotUsedForLongestGoesFirst) {
  KnownSchemas known({.count = 2, .bytes = 10});
  const auto schema = [](const char* script) {
    return challenges::MakeSchema(sql::Dialect::kSqlite, script);
  };
  const auto one = schema("1111");
  const auto two = schema("2222");
  const auto three = schema("3");
  EXPECT_TRUE(known.Keep(one));
  EXPECT_TRUE(known.Keep(two));
  EXPECT_EQ(known.Find(one->digest), one);
  EXPECT_TRUE(known.Keep(three));
  EXPECT_EQ(known.Find(two->digest), nullptr);
  EXPECT_EQ(known.Find(one->digest), one);
  EXPECT_TRUE(known.Keep(one)) << "it is there";
  EXPECT_EQ(known.byte_count(), 5U);
  EXPECT_TRUE(known.Keep(schema("4444444444")));
  EXPECT_EQ(known.byte_count(), 10U);
  EXPECT_EQ(known.Find(one->digest), nullptr);
  EXPECT_FALSE(known.Keep(schema("55555555555")));
  EXPECT_EQ(known.byte_count(), 10U);
}

}  // namespace
}  // namespace paddock::rpc
