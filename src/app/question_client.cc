#include "app/question_client.h"

#include <chrono>
#include <string_view>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

namespace paddock::app {
namespace {

namespace json = boost::json;

constexpr std::chrono::seconds kCallTimeMax{150};
constexpr int kPagesMax = 200;

std::string TextAt(const json::value& value, std::string_view name) {
  const auto* object = value.if_object();
  const auto* member = object == nullptr ? nullptr : object->if_contains(name);
  const auto* text = member == nullptr ? nullptr : member->if_string();
  return text == nullptr ? std::string() : std::string(*text);
}

std::int64_t NumberAt(const json::value& value, std::string_view name) {
  const auto* object = value.if_object();
  const auto* member = object == nullptr ? nullptr : object->if_contains(name);
  const auto* number = member == nullptr ? nullptr : member->if_int64();
  return number == nullptr ? 0 : *number;
}

Code CodeOf(int status) {
  switch (status) {
    case 400: return Code::kInvalid;
    case 401:
    case 403: return Code::kDenied;
    case 404: return Code::kNotFound;
    case 409: return Code::kConflict;
    case 429: return Code::kExhausted;
    default: return Code::kUnavailable;
  }
}

std::string Encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (is_plain) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

}  // namespace

aio::Task<Result<json::value>> QuestionClient::Ask(oidc::HttpRequest request) {
  request.authorization = "Bearer " + token_;
  auto response = co_await client_.Send(std::move(request), Deadline::After(kCallTimeMax));
  if (!response) {
    co_return Fail(std::move(response).error());
  }
  boost::system::error_code failure;
  auto document = json::parse(response->body.empty() ? "{}" : response->body, failure);
  if (failure) {
    co_return Fail(Code::kUnavailable, fmt::format("{} does not answer like Paddock (status {})",
                                                   server_, response->status));
  }
  constexpr int kFirstFailure = 300;
  if (response->status >= kFirstFailure) {
    co_return Fail(CodeOf(response->status), TextAt(document, "message"));
  }
  co_return document;
}

aio::Task<Result<json::value>> QuestionClient::Get(std::string path) {
  oidc::HttpRequest request{.url = server_ + path, .authorization = {}};
  auto answer = co_await Ask(std::move(request));
  co_return answer;
}

aio::Task<Result<json::value>> QuestionClient::Send(std::string path,
                                                    json::object body,
                                                    bool is_put) {
  oidc::HttpRequest request{
      .url = server_ + path, .json = json::serialize(body), .authorization = {}, .is_put = is_put};
  auto answer = co_await Ask(std::move(request));
  co_return answer;
}

aio::Task<Result<PutOutcome>> QuestionClient::Replace(std::string path, std::string document) {
  auto there = co_await Get(path + "/document");
  if (!there) {
    co_return Fail(std::move(there).error());
  }
  if (TextAt(*there, "document") == document) {
    co_return PutOutcome::kUnchanged;
  }
  json::object body;
  body["document"] = document;
  body["version"] = NumberAt(*there, "version");
  auto changed = co_await Send(std::move(path), std::move(body), true);
  if (!changed) {
    co_return Fail(std::move(changed).error());
  }
  co_return PutOutcome::kChanged;
}

aio::Task<Result<PutOutcome>> QuestionClient::PutSchema(questions::SourceSchema schema) {
  json::object body;
  body["document"] = schema.document;
  auto made = co_await Send("/api/v1/schemas", std::move(body), false);
  if (made) {
    co_return PutOutcome::kAdded;
  }
  if (made.error().code != Code::kConflict) {
    co_return Fail(std::move(made).error());
  }
  auto replaced = co_await Replace("/api/v1/schemas/" + schema.id, std::move(schema.document));
  if (!replaced && replaced.error().code == Code::kNotFound) {
    co_return Fail(std::move(made).error());  // it was refused for something else
  }
  co_return replaced;
}

aio::Task<Result<PutOutcome>> QuestionClient::PutQuestion(questions::SourceQuestion question) {
  json::object body;
  body["document"] = question.document;
  body["schema"] = question.schema;
  auto made = co_await Send("/api/v1/questions", std::move(body), false);
  if (made) {
    co_return PutOutcome::kAdded;
  }
  if (made.error().code != Code::kConflict) {
    co_return Fail(std::move(made).error());
  }
  auto listed = co_await List(question.id);
  if (!listed) {
    co_return Fail(std::move(listed).error());
  }
  for (const ListedQuestion& candidate : *listed) {
    if (candidate.slug == question.id) {
      auto replaced = co_await Replace(fmt::format("/api/v1/questions/{}", candidate.number),
                                       std::move(question.document));
      co_return replaced;
    }
  }
  co_return Fail(std::move(made).error());
}

aio::Task<Result<std::vector<ListedQuestion>>> QuestionClient::List(std::string search) {
  std::vector<ListedQuestion> all;
  std::string after;
  for (int page = 0; page < kPagesMax; ++page) {
    auto listed = co_await Get(fmt::format("/api/v1/questions?limit=200&search={}&after={}",
                                           Encoded(search), Encoded(after)));
    if (!listed) {
      co_return Fail(std::move(listed).error());
    }
    const auto* object = listed->if_object();
    const auto* questions = object == nullptr ? nullptr : object->if_contains("questions");
    const auto* items = questions == nullptr ? nullptr : questions->if_array();
    if (items == nullptr) {
      co_return Fail(Code::kUnavailable, fmt::format("{} does not answer like Paddock", server_));
    }
    for (const json::value& item : *items) {
      all.push_back({.number = NumberAt(item, "number"),
                     .slug = TextAt(item, "slug"),
                     .difficulty = TextAt(item, "difficulty"),
                     .schema = TextAt(item, "schema"),
                     .title = TextAt(item, "title")});
    }
    after = TextAt(*listed, "next");
    if (after.empty()) {
      break;
    }
  }
  co_return all;
}

}  // namespace paddock::app
