// What a user sees of a sandbox that has been given to somebody else.
#include <chrono>
#include <future>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "gateway/routes/testing/api_fixture.h"

namespace paddock::gateway {
namespace {

class OwnershipTest : public ApiTest {
 protected:
  UserId UserOf(const std::string& token) {
    const auto session = Json(Ask("POST", "/api/v1/session", token));
    return UserId(std::string(session.at("user").at("id").as_string()));
  }

  /// On the server's loop; true when all have moved.
  bool TransferAll(const UserId& from, const UserId& to) {
    std::promise<bool> done;
    server_.OnLoop([&] { scope_->Spawn(Transfer(from, to, done)); });
    return done.get_future().get();
  }

 private:
  // `done` outlives the task.
  aio::Task<void> Transfer(UserId from, UserId to, std::promise<bool>& done) {
    const auto deadline = Deadline::After(std::chrono::seconds(10));
    auto transferred = co_await manager_->TransferAll(from, to, deadline);
    done.set_value(transferred.has_value());
  }
};

TEST_F(OwnershipTest, TerminalsFollowTheirSandboxToItsNewOwner) {
  const auto id = NewSandbox(ann_);
  const auto terminal =
      Text(Ask("POST", At(id, "/terminals"), ann_, R"({"cols":80,"rows":24})"), "id");
  const auto address = "/api/v1/terminals/" + terminal;
  const auto ticket = fmt::format(R"({{"path":"{}/socket"}})", address);
  EXPECT_EQ(Ask("GET", address, ann_).status, 200);
  EXPECT_EQ(Ask("GET", address, bob_).status, 404);
  ASSERT_TRUE(TransferAll(UserOf(ann_), UserOf(bob_)));
  EXPECT_EQ(Ask("GET", address, ann_).status, 404);
  EXPECT_EQ(Ask("POST", "/api/v1/tickets", ann_, ticket).status, 404);
  EXPECT_EQ(Ask("GET", At(id, "/terminals"), ann_).status, 404);
  EXPECT_EQ(Ask("POST", "/api/v1/tickets", bob_, ticket).status, 201);
  EXPECT_EQ(Text(Ask("GET", address, bob_), "sandbox_id"), id);
  EXPECT_EQ(Ask("DELETE", address, ann_).status, 404);
  EXPECT_EQ(agent_->terminals.size(), 1U);
  EXPECT_EQ(Ask("DELETE", address, bob_).status, 204);
  EXPECT_EQ(Ask("GET", address, bob_).status, 404);
}

TEST_F(OwnershipTest, ASandboxIsShownToItsNewOwnerAlone) {
  const auto id = NewSandbox(ann_);
  const auto before = Ask("GET", At(id, ""), ann_);
  ASSERT_TRUE(TransferAll(UserOf(ann_), UserOf(bob_)));
  EXPECT_EQ(Ask("GET", At(id, ""), ann_).status, 404);
  EXPECT_EQ(Ask("DELETE", At(id, ""), ann_).status, 404);
  EXPECT_TRUE(Json(Ask("GET", kSandboxes, ann_)).at("sandboxes").as_array().empty());
  EXPECT_EQ(Ask("GET", At(id, ""), bob_).body, before.body);
  EXPECT_EQ(Json(Ask("GET", kSandboxes, bob_)).at("sandboxes").as_array().size(), 1U);
  EXPECT_EQ(Ask("POST", At(id, "/exec"), bob_, R"({"argv":["id"]})").status, 200);
  EXPECT_EQ(Ask("DELETE", At(id, ""), bob_).status, 204);
}

}  // namespace
}  // namespace paddock::gateway
