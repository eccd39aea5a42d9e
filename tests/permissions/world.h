// World: a server with the people, classes and machines that the lines of matrix.txt speak of.
//
// Each is made when a line asks for it, through the API itself wherever the API can. Threading: the
// test's own thread, beside the server's.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "gateway/routes/testing/api_fixture.h"

namespace paddock::permissions {

class World final : public gateway::ApiTest {
 public:
  explicit World(bool guests = true) : ApiTest(Config(guests)) {}
  void TestBody() override {}

  /// The status of one request of `who`, with every {name} in `path` and `body` replaced.
  int Try(const std::string& who,
          const std::string& method,
          const std::string& path,
          const std::string& body);

 private:
  static gateway::ApiConfig Config(bool guests);

  int TryStream(const std::string& target, const std::string& credential);

  /// What `who` sends; "" for nobody.
  std::string CredentialOf(const std::string& who);
  /// The session behind it, which can do what a token without scopes cannot.
  std::string SessionOf(const std::string& who);
  std::string ActingSession();
  std::string ApiToken(const std::string& who);
  std::string DisabledSession();

  std::string Fill(const std::string& who, std::string text);
  std::string ValueOf(const std::string& who, const std::string& name);
  std::string Made(const std::string& key, const std::function<std::string()>& make);

  std::string UserId(const std::string& who);
  std::string ClassOf(const std::string& teacher);
  std::string SandboxOf(const std::string& who);
  std::string TerminalOf(const std::string& who);
  static std::string OwnerOf(const std::string& who);
  std::string OtherSession(const std::string& who);
  std::string TokenId(const std::string& who);
  std::string Invitation(const std::string& path);
  std::string SchemaId();
  std::string QuestionOf(const std::string& slug, const std::string& visibility);
  /// The member `name` of the answer to a request that must succeed.
  std::string Get(std::string_view method,
                  std::string_view path,
                  const std::string& token,
                  std::string_view body,
                  std::string_view name);

  std::map<std::string, std::string> made_;
};

}  // namespace paddock::permissions
