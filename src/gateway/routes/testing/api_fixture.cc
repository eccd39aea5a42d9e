#include "gateway/routes/testing/api_fixture.h"

#include "gateway/routes/testing/description.h"
#include "identity/secret_text.h"

namespace paddock::gateway {

ApiTest::ApiTest(ApiConfig config, std::optional<identity::ProviderConfig> provider) {
  const bool guests = config.guests;
  manager_config_.per_user_max = 2;
  auto opener = [this](boost::asio::any_io_executor, UniqueFd, Deadline) { return OpenAgent(); };
  manager_ = std::make_unique<sandbox::Manager>(manager_config_, driver_, opener);
  scope_ = std::make_unique<aio::TaskScope>(server_.loop().get_executor());
  people_ = std::make_unique<testing::TestPeople>(
      server_.loop(),
      [this](UserId from, UserId to, Deadline deadline) {
        return Transfer(std::move(from), std::move(to), deadline);
      },
      std::move(provider));
  questions_ = std::make_unique<questions::Services>(
      people_->database, people_->services.name_space, runner_, people_->services.audit,
      [this] { return clock_(); });
  ApiParts parts{.manager = *manager_,
                 .secret = secret_,
                 .signer = signer_,
                 .identity = people_->services,
                 .questions = *questions_,
                 .metrics = server_.metrics};
  api_ = std::make_unique<Api>(std::move(config), parts);
  api_->AddTo(server_.router);
  server_.Start();
  server_.OnLoop([this] { scope_->Spawn(manager_->Run()); });
  if (guests) {
    ann_ = NewGuest();
    bob_ = NewGuest();
  }
}

testing::RawResponse ApiTest::Ask(std::string_view method,
                                  std::string_view target,
                                  std::string_view token,
                                  std::string_view body,
                                  std::string_view headers) {
  testing::RawClient client(server_.port());
  std::string request = fmt::format("{} {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{}", method, target,
                                    server_.port(), headers);
  if (token.starts_with(identity::kSessionPrefix)) {
    request += fmt::format("Cookie: paddock_session={}\r\n{}", token, Origin());
  } else if (!token.empty()) {
    request += fmt::format("Authorization: Bearer {}\r\n", token);
  }
  if (!body.empty()) {
    request += fmt::format("Content-Length: {}\r\n", body.size());
  }
  client.Send(request + "\r\n" + std::string(body));
  const auto response = client.ReadResponse(method == "HEAD");
  ExpectDescribed(method, target, response);
  return response;
}

aio::Task<Result<void>> ApiTest::Transfer(UserId from, UserId to, Deadline deadline) {
  if (transfer_failure_) {
    co_return Fail(*transfer_failure_);
  }
  auto transferred = co_await manager_->TransferAll(std::move(from), std::move(to), deadline);
  co_return transferred;
}

void ApiTest::ExpectDescribed(std::string_view method,
                              std::string_view target,
                              const testing::RawResponse& response) {
  const auto& description = testing::Description::Get();
  const auto operation = description.OperationOf(method, target);
  if (!operation) {
    return;  // a page, or nothing
  }
  EXPECT_TRUE(description.operations().at(*operation).contains(std::to_string(response.status)))
      << *operation << " answered " << response.head << response.body;
  if (response.status >= 400 && !response.body.empty()) {
    EXPECT_TRUE(description.codes().contains(Text(response, "code"))) << response.body;
  }
}

}  // namespace paddock::gateway
