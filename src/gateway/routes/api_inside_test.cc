// The API over the real HTTP server: what happens inside a sandbox, with a fake agent.
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/routes/testing/api_fixture.h"

namespace paddock::gateway {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;
using testing::RawClient;

TEST_F(ApiTest, AnExecGivesEveryFieldAndTextOrBase64) {
  const auto id = NewSandbox(ann_);
  agent_->run = [](const sandbox::ExecSpec&) {
    sandbox::ExecResult result;
    result.exit_code = 3;
    result.stdout_data = "caf\xC3\xA9\n";
    result.stderr_data = std::string("\xFF\x00", 2);
    result.wall_time = std::chrono::microseconds(1500);
    result.memory_peak = 1_MiB;
    return Result<sandbox::ExecResult>(result);
  };
  const auto response = Ask("POST", At(id, "/exec"), ann_,
                            R"({"argv":["a","b c"],"stdin":"aGk=","stdin_encoding":"base64",
                                "env":{"X":"y"},"cwd":"/tmp","timeout_ms":50})");
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(Json(response), json::parse(R"({"exit_code":3,"signal":null,"stdout":"café\n",
      "stderr":"/wA=","stdout_encoding":"utf-8","stderr_encoding":"base64",
      "stdout_truncated":false,"stderr_truncated":false,"timed_out":false,"wall_ms":1.5,
      "cpu_ms":0.0,"memory_peak_bytes":1048576})"));
  EXPECT_EQ(agent_->last_exec.argv, (std::vector<std::string>{"a", "b c"}));
  EXPECT_EQ(agent_->last_exec.stdin_data, "hi");
  EXPECT_EQ(agent_->last_exec.cwd, "/tmp");
  EXPECT_EQ(agent_->last_exec.timeout, std::chrono::milliseconds(50));
}

TEST_F(ApiTest, TruncatedTextStaysTextWhereItsLastCharacterIsCut) {
  const auto id = NewSandbox(ann_);
  agent_->run = [](const sandbox::ExecSpec&) {
    sandbox::ExecResult result;
    result.signal = 9;
    result.stdout_data = "ab\xE4\xB8";
    result.stdout_truncated = true;
    result.timed_out = true;
    return Result<sandbox::ExecResult>(result);
  };
  const auto response = Ask("POST", At(id, "/exec"), ann_, R"({"shell":"yes"})");
  EXPECT_EQ(Text(response, "stdout"), "ab");
  EXPECT_EQ(Text(response, "stdout_encoding"), "utf-8");
  EXPECT_EQ(Json(response).at("signal").as_int64(), 9);
  EXPECT_TRUE(Json(response).at("exit_code").is_null());
}

TEST_F(ApiTest, OutputThatIsMostlyControlBytesComesAsBase64) {
  const auto id = NewSandbox(ann_);
  agent_->run = [](const sandbox::ExecSpec&) {
    sandbox::ExecResult result;
    result.exit_code = 0;
    result.stdout_data = std::string(4U << 20U, '\0');
    for (int i = 0; i < 10'000; ++i) {
      result.stderr_data += "\x1b[31mred and legible\x1b[0m\r\n\t";
    }
    return Result<sandbox::ExecResult>(result);
  };
  const auto response = Ask("POST", At(id, "/exec"), ann_, R"({"shell":"a"})");
  ASSERT_EQ(response.status, 200);
  EXPECT_EQ(Text(response, "stdout_encoding"), "base64");
  EXPECT_EQ(Text(response, "stderr_encoding"), "utf-8");
  EXPECT_TRUE(Text(response, "stderr").starts_with("\x1b[31mred and legible\x1b[0m\r\n\t\x1b"));
  EXPECT_LT(response.body.size(), 7U << 20U);
}

TEST_F(ApiTest, BadExecsAreRefusedByName) {
  const auto id = NewSandbox(ann_);
  const std::map<std::string, std::string> bodies{
      {R"({})", "argv"},
      {R"({"argv":["a"],"shell":"b"})", "argv"},
      {R"({"argv":[]})", "argv"},
      {R"({"argv":[""]})", "argv"},
      {R"({"argv":["a\u0000"]})", "argv"},
      {R"({"argv":"a"})", "argv"},
      {R"({"shell":"a","timeout_ms":0})", "timeout_ms"},
      {R"({"shell":"a","timeout_ms":-5})", "timeout_ms"},
      {R"({"shell":"a","timeout_ms":1e308})", "timeout_ms"},
      {R"({"shell":"a","output_bytes_max":0})", "output_bytes_max"},
      {R"({"shell":"a","stdin":"?","stdin_encoding":"base64"})", "stdin"},
      {R"({"shell":"a","cwd":"tmp"})", "cwd"}};
  for (const auto& [body, field] : bodies) {
    const auto response = Ask("POST", At(id, "/exec"), ann_, body);
    EXPECT_EQ(response.status, 400) << body;
    EXPECT_THAT(Text(response, "message"), HasSubstr(field)) << body;
  }
}

TEST_F(ApiTest, WhatNoMessageToAnAgentHoldsIsRefusedByName) {
  const auto id = NewSandbox(ann_);
  const std::string long_text(9000, 'x');
  const auto env = fmt::format(R"("env":{{"A":"{0}","B":"{0}"}})", long_text);
  const std::map<std::string, std::string> execs{
      {fmt::format(R"({{"shell":"a",{}}})", env), "env"},
      {fmt::format(R"({{"shell":"{0}{0}{0}{0}{0}"}})", long_text), "shell"},
      {fmt::format(R"({{"argv":["{0}","{0}","{0}","{0}","{0}"]}})", long_text), "argv"}};
  for (const auto& [body, field] : execs) {
    const auto response = Ask("POST", At(id, "/exec"), ann_, body);
    EXPECT_EQ(response.status, 400);
    EXPECT_THAT(Text(response, "message"), HasSubstr(field));
  }
  const auto sandbox = Ask("POST", kSandboxes, ann_, fmt::format("{{{}}}", env));
  EXPECT_EQ(sandbox.status, 400);
  EXPECT_THAT(Text(sandbox, "message"), HasSubstr("env"));
  const auto terminal =
      Ask("POST", At(id, "/terminals"), ann_, fmt::format(R"({{"cols":80,"rows":24,{}}})", env));
  EXPECT_EQ(terminal.status, 400);
  EXPECT_THAT(Text(terminal, "message"), HasSubstr("env"));
}

TEST_F(ApiTest, ALongListingIsCutByItsBytes) {
  const auto id = NewSandbox(ann_);
  for (int i = 0; i < 2000; ++i) {
    agent_->files[fmt::format("/{}{:04}", std::string(1000, 'n'), i)] = "";
  }
  const auto listed = Ask("GET", At(id, "/files/list?path=/"), ann_);
  ASSERT_EQ(listed.status, 200);
  EXPECT_TRUE(Json(listed).at("truncated").as_bool());
  EXPECT_GT(Json(listed).at("entries").as_array().size(), 900U);
  EXPECT_LT(listed.body.size(), 2U << 20U);
}

TEST_F(ApiTest, AnAgentThatClaimsTheTerminalOfAnotherUserTakesNothingFromThem) {
  const auto id = NewSandbox(ann_);
  const auto terminal =
      Text(Ask("POST", At(id, "/terminals"), ann_, R"({"cols":80,"rows":24})"), "id");
  const auto claiming = NewSandbox(bob_);  // all sandboxes of this test have the same agent
  EXPECT_THAT(Ask("GET", At(claiming, "/terminals"), bob_).body, HasSubstr(terminal));
  EXPECT_EQ(Text(Ask("GET", "/api/v1/terminals/" + terminal, ann_), "sandbox_id"), id);
}

TEST_F(ApiTest, AFileComesBackAsItWasSentWholeAndInRanges) {
  const auto id = NewSandbox(ann_);
  std::string content;
  for (int i = 0; i < 5000; ++i) {
    content += static_cast<char>(i * 7);
  }
  EXPECT_EQ(Ask("PUT", At(id, "/files?path=/d%C3%A9/a%20b"), ann_, content).status, 204);
  const auto whole = Ask("GET", At(id, "/files?path=/d%C3%A9/a%20b"), ann_);
  EXPECT_EQ(whole.status, 200);
  EXPECT_EQ(whole.body, content);
  EXPECT_EQ(whole.Header("Content-Type"), "application/octet-stream");
  EXPECT_THAT(whole.Header("Content-Disposition"), HasSubstr("filename*=UTF-8''a%20b"));
  const auto part =
      Ask("GET", At(id, "/files?path=/d%C3%A9/a%20b"), ann_, "", "Range: bytes=1000-2999\r\n");
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, content.substr(1000, 2000));
  EXPECT_EQ(part.Header("Content-Range"), "bytes 1000-2999/5000");
  const auto tail =
      Ask("GET", At(id, "/files?path=/d%C3%A9/a%20b"), ann_, "", "Range: bytes=-10\r\n");
  EXPECT_EQ(tail.body, content.substr(4990));
  EXPECT_EQ(
      Ask("GET", At(id, "/files?path=/d%C3%A9/a%20b"), ann_, "", "Range: bytes=5000-\r\n").status,
      416);
}

TEST_F(ApiTest, PathsThatLeadNowhereGoodAreRefused) {
  const auto id = NewSandbox(ann_);
  for (const char* query : {"", "?path=", "?path=a", "?path=/a/../b", "?path=/..",
                            "?path=/%2e%2e/a", "?path=/a&path_base64=L2E", "?path_base64=!"}) {
    EXPECT_EQ(Ask("GET", At(id, std::string("/files") + query), ann_).status, 400) << query;
  }
  agent_->files[std::string("/\xFF")] = "x";
  EXPECT_EQ(Ask("GET", At(id, "/files?path_base64=L_8"), ann_).body, "x");
  const auto listed = Ask("GET", At(id, "/files/list?path=/"), ann_);
  EXPECT_THAT(listed.body, HasSubstr(R"("name_base64":"_w")"));
  EXPECT_EQ(Ask("PUT", At(id, "/files?path=/big"), ann_, std::string(1 << 20, 'x') + "x").status,
            413);
  EXPECT_FALSE(agent_->files.contains("/big"));
  EXPECT_EQ(Ask("PUT", At(id, "/files?path=/a&mode=999"), ann_, "x").status, 400);
}

TEST_F(ApiTest, TerminalsAreOpenedListedClosedAndLimited) {
  const auto id = NewSandbox(ann_);
  const auto opened = Ask("POST", At(id, "/terminals"), ann_, R"({"cols":80,"rows":24})");
  ASSERT_EQ(opened.status, 201) << opened.body;
  const auto address = "/api/v1/terminals/" + Text(opened, "id");
  EXPECT_EQ(opened.Header("Location"), address);
  EXPECT_EQ(Ask("GET", address, ann_).body, opened.body);
  EXPECT_EQ(Ask("POST", At(id, "/terminals"), ann_, R"({"cols":0,"rows":24})").status, 400);
  EXPECT_EQ(Ask("POST", At(id, "/terminals"), ann_, R"({"cols":80,"rows":65535})").status, 400);
  EXPECT_EQ(Ask("POST", At(id, "/terminals"), ann_, R"({"cols":80,"rows":24})").status, 201);
  EXPECT_EQ(Ask("POST", At(id, "/terminals"), ann_, R"({"cols":80,"rows":24})").status, 429);
  EXPECT_EQ(Ask("DELETE", address, ann_).status, 204);
  EXPECT_EQ(Ask("GET", address, ann_).status, 404);
  EXPECT_EQ(Json(Ask("GET", At(id, "/terminals"), ann_)).at("terminals").as_array().size(), 1U);
}

TEST_F(ApiTest, EventsTellWhatHappensToOnesOwnSandboxes) {
  RawClient client(server_.port());
  client.Send(fmt::format(
      "GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAuthorization: Bearer {}\r\n\r\n",
      port(), ann_));
  EXPECT_THAT(client.ReadUntil("event: ready"), HasSubstr("text/event-stream"));
  (void)NewSandbox(bob_);
  const auto id = NewSandbox(ann_);
  const auto seen = client.ReadUntil(R"("state":"running")");
  EXPECT_THAT(seen, HasSubstr(R"("type":"created")"));
  EXPECT_THAT(seen, HasSubstr(id));
  EXPECT_EQ(Ask("DELETE", At(id, ""), ann_).status, 204);
  EXPECT_THAT(client.ReadUntil(R"("state":"destroyed")"), HasSubstr(R"("type":"destroyed")"));
}

TEST_F(ApiTest, ASocketOpensByTicketOrBearerAndNeverByCookieAlone) {
  const auto id = NewSandbox(ann_);
  const auto terminal =
      Text(Ask("POST", At(id, "/terminals"), ann_, R"({"cols":80,"rows":24})"), "id");
  const auto socket = fmt::format("/api/v1/terminals/{}/socket", terminal);
  const std::string upgrade =
      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
      "Sec-WebSocket-Protocol: paddock.terminal.v1\r\n";
  const auto cookie = fmt::format("Cookie: paddock_session={}\r\n", ann_);
  EXPECT_EQ(Ask("GET", socket, "", "", upgrade + cookie + Origin()).status, 401);
  EXPECT_EQ(Ask("GET", socket + "?ticket=nonsense", "", "", upgrade + Origin()).status, 401);
  EXPECT_EQ(Ask("GET", socket, ann_, "", upgrade + "Origin: http://evil.example\r\n").status, 403);
  EXPECT_EQ(Ask("GET", socket, bob_, "", upgrade).status, 404);
  const auto path = fmt::format(R"({{"path":"{}"}})", socket);
  const auto ticket = Text(Ask("POST", "/api/v1/tickets", ann_, path), "ticket");
  // The fake cannot attach: 409 says that the ticket was good, and it is used up by that.
  EXPECT_EQ(Ask("GET", socket + "?ticket=" + ticket, "", "", upgrade + Origin()).status, 409);
  EXPECT_EQ(Ask("GET", socket + "?ticket=" + ticket, "", "", upgrade + Origin()).status, 401);
}

}  // namespace
}  // namespace paddock::gateway
