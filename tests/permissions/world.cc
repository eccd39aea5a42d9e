#include "world.h"

#include <fmt/format.h>

#include "identity/secret_text.h"

namespace paddock::permissions {
namespace {

constexpr std::string_view kApi = "/api/v1";

bool IsSocket(std::string_view path) {
  return path.ends_with("/socket") || path.contains("/forward?");
}

/// "teacher-manage:class" into "teacher" and "-manage:class"; of a plain role the rest is empty.
std::pair<std::string, std::string> SplitToken(const std::string& who) {
  const auto at = std::min(who.find_first_of("+-"), who.size());
  return {who.substr(0, at), who.substr(at)};
}

/// The scopes as a JSON array.
std::string ScopesOf(const std::string& rest) {
  std::string scopes;
  for (const std::string_view scope :
       {"write:resource", "challenge", "read:schema", "read:question", "read:solution",
        "manage:class", "manage:server"}) {
    if (rest == "+all" || (rest.starts_with('-') && rest.substr(1) != scope)) {
      scopes += fmt::format("{}\"{}\"", scopes.empty() ? "" : ",", scope);
    }
  }
  return fmt::format("[{}]", scopes);
}

Role RoleOf(const std::string& who) {
  if (who == "admin" || who == "admin2") {
    return Role::kAdmin;
  }
  return who == "teacher" || who == "other" ? Role::kTeacher : Role::kLearner;
}

}  // namespace

gateway::ApiConfig World::Config(bool guests) {
  gateway::ApiConfig config = ApiTest::Config();
  config.guests = guests;
  const identity::Rate plenty{.per_second = 1000, .burst = 10'000};
  config.limits.user_requests = plenty;
  config.limits.address_requests = plenty;
  config.limits.user_creations = plenty;
  config.limits.address_guests = plenty;
  config.limits.sandbox_terminals_max = 16;
  return config;
}

int World::Try(const std::string& who,
               const std::string& method,
               const std::string& path,
               const std::string& body) {
  const std::string target = std::string(kApi) + Fill(who, path);
  const std::string filled = Fill(who, body);
  agent_->files["/a"] = "content";
  const std::string credential = CredentialOf(who);
  if (IsSocket(path) || path == "/events") {
    return TryStream(target, credential);
  }
  return Ask(method, target, credential, filled).status;
}

/// Of what does not end by itself only the head is read.
int World::TryStream(const std::string& target, const std::string& credential) {
  const bool is_socket = IsSocket(target);
  const bool is_session = credential.starts_with(identity::kSessionPrefix);
  std::string request = fmt::format("GET {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{}", target, port(),
                                    is_session || is_socket ? Origin() : std::string());
  if (is_session) {
    request += fmt::format("Cookie: paddock_session={}\r\n", credential);
  } else if (!credential.empty()) {
    request += fmt::format("Authorization: Bearer {}\r\n", credential);
  }
  if (is_socket) {
    request +=
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  }
  gateway::testing::RawClient client(port());
  client.Send(request + "\r\n");
  const std::string head = client.ReadUntil("\r\n\r\n");
  const auto space = head.find(' ');
  return space == std::string::npos ? 0 : std::stoi(head.substr(space + 1));
}

std::string World::Made(const std::string& key, const std::function<std::string()>& make) {
  const auto found = made_.find(key);
  return found != made_.end() ? found->second : made_[key] = make();
}

std::string World::Get(std::string_view method,
                       std::string_view path,
                       const std::string& token,
                       std::string_view body,
                       std::string_view name) {
  const auto response = Ask(method, fmt::format("{}{}", kApi, path), token, body);
  EXPECT_LT(response.status, 300) << method << ' ' << path << ": " << response.body;
  return Text(response, name);
}

std::string World::SessionOf(const std::string& who) {
  const std::string name = SplitToken(who).first;
  return Made("session of " + name, [&]() -> std::string {
    if (name == "guest" || name == "somebody") {
      // Not asked for: where guests are off this is one from before.
      const auto now = std::chrono::system_clock::now();
      return signer_.Issue({.id = NewId<paddock::UserId>()}, now).token;
    }
    return name == "acting" ? ActingSession() : SignIn(name, RoleOf(name));
  });
}

std::string World::CredentialOf(const std::string& who) {
  if (who == "nobody") {
    return {};
  }
  if (who == "disabled") {
    return Made("disabled", [&] { return DisabledSession(); });
  }
  return SplitToken(who).second.empty() ? SessionOf(who) : Made(who, [&] { return ApiToken(who); });
}

std::string World::ActingSession() {
  const auto response =
      Ask("POST", fmt::format("{}/users/{}/act-as", kApi, UserId("learner")), SessionOf("admin"));
  EXPECT_EQ(response.status, 200) << response.body;
  const std::string cookie = response.Header("Set-Cookie");
  const auto from = cookie.find('=') + 1;
  return cookie.substr(from, cookie.find(';') - from);
}

std::string World::ApiToken(const std::string& who) {
  const auto [name, rest] = SplitToken(who);
  const std::string body =
      fmt::format(R"({{"name":"t","scopes":{},"expires_in_days":1}})", ScopesOf(rest));
  return Get("POST", "/account/tokens", SessionOf(name), body, "secret");
}

std::string World::DisabledSession() {
  auto session = SessionOf("disabled");
  const auto path = fmt::format("/users/{}", UserId("disabled"));
  (void)Get("PATCH", path, SessionOf("admin"), R"({"disabled":true})", "id");
  return session;
}

std::string World::UserId(const std::string& who) {
  const std::string name = SplitToken(who).first;
  return Made("id of " + name, [&] {
    const auto response = Ask("GET", fmt::format("{}/session", kApi), SessionOf(name));
    EXPECT_EQ(response.status, 200) << response.body;
    return std::string(Json(response).at("user").at("id").as_string());
  });
}

std::string World::ClassOf(const std::string& teacher) {
  return Made("class of " + teacher, [&] {
    const auto response =
        Ask("POST", fmt::format("{}/classes", kApi), SessionOf(teacher), R"({"name":"Linux"})");
    EXPECT_EQ(response.status, 201) << response.body;
    const std::string code = Text(response, "join_code");
    made_["code of " + teacher] = code;
    if (teacher == "teacher") {
      for (const char* member : {"learner", "mate"}) {
        const auto body = fmt::format(R"({{"code":"{}"}})", code);
        (void)Get("POST", "/classes/join", SessionOf(member), body, "id");
      }
    }
    return Text(response, "id");
  });
}

// Of whom `{own_...}` is: who cannot have one gets somebody else's, and is refused before it
// matters.
std::string World::OwnerOf(const std::string& who) {
  const std::string name = SplitToken(who).first;
  return name == "nobody" || name == "disabled" || name == "guest" || name == "acting" ? "mate"
                                                                                       : name;
}

/// A second session of the user, made as a sign-in makes one.
std::string World::OtherSession(const std::string& who) {
  return Made("other session of " + who, [&] {
    const paddock::UserId user(UserId(who));
    const auto session = people_->services.sessions.Make(user, {.address = "127.0.0.1"});
    const auto entry = [](World& world, store::Transaction transaction) -> aio::Task<bool> {
      auto written = co_await world.people_->database.Write(std::move(transaction),
                                                            gateway::testing::TestPeople::Soon());
      co_return written.has_value();
    };
    EXPECT_TRUE(Await(entry(*this, people_->services.sessions.Entry(session))));
    return session.record.id.value();
  });
}

std::string World::TokenId(const std::string& who) {
  return Made("token of " + who, [&] {
    return Get("POST", "/account/tokens", SessionOf(who), R"({"name":"o","scopes":["challenge"]})",
               "id");
  });
}

std::string World::SandboxOf(const std::string& who) {
  const bool has_none = who == "nobody" || who == "disabled";
  const std::string owner = has_none ? "somebody" : SplitToken(who).first;
  return Made("sandbox of " + owner,
              [&] { return Get("POST", "/sandboxes", SessionOf(owner), "{}", "id"); });
}

std::string World::TerminalOf(const std::string& who) {
  const std::string sandbox = SandboxOf(who);
  const bool has_none = who == "nobody" || who == "disabled";
  const std::string owner = has_none ? "somebody" : SplitToken(who).first;
  return Made("terminal in " + sandbox, [&] {
    return Get("POST", fmt::format("/sandboxes/{}/terminals", sandbox), SessionOf(owner),
               R"({"cols":80,"rows":24})", "id");
  });
}

std::string World::Invitation(const std::string& path) {
  return Made("invitation " + path,
              [&] { return Get("POST", path, SessionOf("admin"), "{}", "id"); });
}

std::string World::SchemaId() {
  return Made("schema", [&] {
    return Get("POST", "/schemas", SessionOf("teacher"),
               R"({"document":"id: users\ntitle: U\nsql: CREATE TABLE t (a)\n"})", "id");
  });
}

std::string World::QuestionOf(const std::string& slug, const std::string& visibility) {
  return Made("question " + slug, [&] {
    const auto body = fmt::format(
        R"({{"schema":"{}","document":"id: {}\ntitle: Q\ndescription: D\ndifficulty: easy\n)"
        R"(category: C\nvisibility: {}\nhints: [H]\nreferences: [SELECT 1 AS a]\n"}})",
        SchemaId(), slug, visibility);
    const auto response =
        Ask("POST", fmt::format("{}/questions", kApi), SessionOf("teacher"), body);
    EXPECT_EQ(response.status, 201) << response.body;
    return fmt::format("{}", Json(response).at("number").as_int64());
  });
}

std::string World::ValueOf(const std::string& who, const std::string& name) {
  const std::map<std::string, std::function<std::string()>> values{
      {"A", [&] { return ClassOf("teacher"); }},
      {"B", [&] { return ClassOf("other"); }},
      {"code_A", [&] { return ClassOf("teacher"), made_.at("code of teacher"); }},
      {"own", [&] { return SandboxOf(who); }},
      {"theirs", [&] { return SandboxOf("somebody"); }},
      {"own_terminal", [&] { return TerminalOf(who); }},
      {"their_terminal", [&] { return TerminalOf("somebody"); }},
      {"self", [&] { return UserId(who); }},
      {"who", [&] { return who; }},
      {"teacher_of_A", [&] { return ClassOf("teacher"), UserId("teacher"); }},
      {"secret",
       [&] {
         return Made("secret", [&] {
           return Get("POST", "/invitations", SessionOf("admin"), R"({"uses":9})", "secret");
         });
       }},
      {"secret_B",
       [&] {
         return Made("secret of B", [&] {
           return Get("POST", fmt::format("/classes/{}/invitations", ClassOf("other")),
                      SessionOf("other"), R"({"uses":9})", "secret");
         });
       }},
      {"password", [] { return std::string(gateway::testing::TestPeople::kPassword); }},
      {"own_session", [&] { return OtherSession(OwnerOf(who)); }},
      {"their_session", [&] { return OtherSession("mate"); }},
      {"own_token", [&] { return TokenId(OwnerOf(who)); }},
      {"their_token", [&] { return TokenId("mate"); }},
      {"schema", [&] { return SchemaId(); }},
      {"question", [&] { return QuestionOf("all", "everyone"); }},
      {"exam", [&] { return QuestionOf("exam", "class:" + ClassOf("teacher")); }},
      {"link", [&] { return Invitation("/invitations"); }},
      {"link_A",
       [&] { return Invitation(fmt::format("/classes/{}/invitations", ClassOf("teacher"))); }}};
  const auto found = values.find(name);
  return found == values.end() ? UserId(name) : found->second();
}

std::string World::Fill(const std::string& who, std::string text) {
  for (auto open = text.find('{'); open != std::string::npos; open = text.find('{', open + 1)) {
    const auto close = text.find_first_not_of(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789", open + 1);
    if (close != std::string::npos && close > open + 1 && text[close] == '}') {
      const std::string value = ValueOf(who, text.substr(open + 1, close - open - 1));
      text.replace(open, close - open + 1, value);
    }
  }
  return text;
}

}  // namespace paddock::permissions
