#include "story_test.h"

#include <utility>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "steps.h"

namespace paddock::tables {
namespace {

namespace json = boost::json;

constexpr std::string_view kQuestions = "/api/v1/questions";
constexpr std::string_view kSchemas = "/api/v1/schemas";
constexpr std::string_view kSchema =
    "id: users\ntitle: Users\n"
    "sql: CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);\n"
    "data_sql: INSERT INTO users VALUES (1, 'John'), (2, 'Jane');\n";
constexpr std::string_view kRight = "SELECT name FROM users";
constexpr std::string_view kWrong = "SELECT id FROM users";

/// What a scalar of a table says: a quoted one is text, another what it is in JSON, or else text.
json::value ValueOf(const yaml::Node& node, std::string text) {
  boost::system::error_code failed;
  if (!node.is_quoted) {
    json::value value = json::parse(text, failed);
    if (!failed) {
      return value;
    }
  }
  return json::value(text);
}

const json::value* Find(const json::value& document, std::string_view pointer) {
  boost::system::error_code missing;
  return document.find_pointer(pointer, missing);
}

std::string TextOf(const json::value& value) {
  return value.is_string() ? std::string(value.as_string()) : json::serialize(value);
}

}  // namespace

StoryTest::StoryTest(Story story)
    : PeopleApiTest(ConfigOfStories()),
      story_(std::move(story)),
      now_(std::chrono::sys_days(std::chrono::year(2026) / 11 / 26)) {
  server_.OnLoop([this] {
    clock_ = [this] { return now_; };
    front_ends_.AddTo(server_.router, "/database-playground");
  });
}

gateway::ApiConfig StoryTest::ConfigOfStories() {
  gateway::ApiConfig config = Roomy();
  config.limits.address_guests = {.per_second = 1000, .burst = 1000};
  return config;
}

void StoryTest::TestBody() {
  for (const Step& step : story_.steps) {
    SCOPED_TRACE(fmt::format("line {}", step.line));
    std::visit([this](const auto& act) { Do(act); }, step.act);
    if (HasFailure()) {
      return;  // what follows stands on it
    }
  }
}

void StoryTest::Do(const MoveClock& act) {
  server_.OnLoop([&] { now_ = act.to; });
}

void StoryTest::Do(const WriteQuestion& act) {
  for (std::uint64_t i = 1; i <= act.count; ++i) {
    WriteOne(act, act.count == 1 ? act.name : fmt::format("{}{}", act.name, i));
  }
}

void StoryTest::WriteOne(const WriteQuestion& act, const std::string& name) {
  const std::string& author = CredentialOf(act.who);
  if (known_.emplace("schema", "users").second) {
    const auto made =
        Ask("POST", kSchemas, author, json::serialize(json::object{{"document", kSchema}}));
    ASSERT_EQ(made.status, 201) << made.body;
  }
  const auto made = Ask("POST", kQuestions, author,
                        json::serialize(json::object{{"document", DocumentOf(name, act.fields)},
                                                     {"schema", "users"}}));
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string place = made.Header("Location");
  known_[name] = place.substr(place.rfind('/') + 1);
}

std::string StoryTest::DocumentOf(const std::string& name,
                                  const std::map<std::string, std::string>& fields) {
  std::map<std::string, std::string> all = fields;
  all.insert({{"id", name},
              {"title", "Question " + name},
              {"description", "List all."},
              {"difficulty", "easy"},
              {"category", "Basics"},
              {"references", fmt::format("['{}']", kRight)}});
  std::string document;
  for (const auto& [key, value] : all) {
    document += fmt::format("{}: {}\n", key, Filled(value));
  }
  return document;
}

void StoryTest::Do(const MakeClass& act) {
  const std::string id = NewClass(CredentialOf(act.who));
  known_[act.name] = id;
  const auto read = Ask("GET", fmt::format("{}/{}", gateway::kClasses, id), CredentialOf(act.who));
  for (const std::string& member : act.members) {
    const auto joined = Join(CredentialOf(member), Text(read, "join_code"));
    ASSERT_EQ(joined.status, 200) << joined.body;
  }
}

void StoryTest::Do(const Submit& act) {
  const std::string_view query = act.is_right ? kRight : kWrong;
  const auto graded = Ask("POST", fmt::format("{}/{}/submit", kQuestions, Known(act.question)),
                          CredentialOf(act.who), json::serialize(json::object{{"query", query}}));
  ASSERT_EQ(graded.status, 200) << graded.body;
  const auto answer = Json(graded);
  EXPECT_EQ(answer.at("passed").as_bool(), act.is_right) << graded.body;
  if (act.earns) {
    EXPECT_EQ(answer.at("points_earned").to_number<std::uint64_t>(), *act.earns);
  }
}

void StoryTest::Do(const Request& act) {
  std::string credential = CredentialOf(act.who);
  if (act.scopes) {
    const auto quoted = fmt::format("\"{}\"", fmt::join(*act.scopes, "\",\""));
    std::string& token = tokens_[act.who + quoted];
    credential = token.empty() ? token = NewToken(credential, quoted) : token;
  }
  const auto response = Ask(act.method, Filled(act.path), credential, Filled(act.body));
  ASSERT_EQ(response.status, static_cast<int>(act.status)) << response.body;
  for (const std::string& text : act.lacks) {
    EXPECT_FALSE(response.body.contains(Filled(text))) << text << " in " << response.body;
  }
  CheckAnswer(act, response);
}

void StoryTest::CheckAnswer(const Request& act, const Response& response) {
  if (act.answer.empty() && act.counts.empty() && act.keeps.empty()) {
    return;
  }
  const auto document = Json(response);
  for (const auto& [pointer, expected] : act.answer) {
    CheckPointer(document, pointer, expected);
  }
  for (const auto& [pointer, count] : act.counts) {
    const json::value* list = Find(document, pointer);
    ASSERT_TRUE(list != nullptr && list->is_array()) << pointer << " in " << response.body;
    EXPECT_EQ(list->as_array().size(), count) << pointer << " in " << response.body;
  }
  for (const auto& [name, pointer] : act.keeps) {
    const json::value* value = Find(document, pointer);
    ASSERT_NE(value, nullptr) << pointer << " in " << response.body;
    known_[name] = TextOf(*value);
  }
}

// "/questions/*/slug" is the slugs of all questions, in order.
void StoryTest::CheckPointer(const json::value& document,
                             const std::string& pointer,
                             const yaml::Node& expected) {
  const auto star = pointer.find("/*");
  const json::value* found = Find(document, pointer.substr(0, star));
  ASSERT_NE(found, nullptr) << pointer << " in " << json::serialize(document);
  if (star == std::string::npos) {
    EXPECT_EQ(*found, ValueOf(expected, Filled(expected.scalar))) << pointer;
    return;
  }
  ASSERT_TRUE(found->is_array()) << pointer;
  json::array values;
  for (const json::value& item : found->as_array()) {
    const json::value* value = Find(item, pointer.substr(star + 2));
    ASSERT_NE(value, nullptr) << pointer << " in " << json::serialize(document);
    values.push_back(*value);
  }
  json::array wanted;
  for (const yaml::Node& item : expected.items) {
    wanted.push_back(ValueOf(item, Filled(item.scalar)));
  }
  EXPECT_EQ(values, wanted) << pointer;
}

const std::string& StoryTest::CredentialOf(const std::string& who) {
  std::string& credential = credentials_[who];
  if (credential.empty() && who != kNobody) {
    const Role role = story_.people.at(who);
    credential = role == Role::kGuest ? NewGuest() : SignIn(who, role);
  }
  return credential;
}

std::string StoryTest::Filled(std::string_view text) {
  std::string filled;
  while (true) {
    const auto begin = text.find('<');
    const auto end = text.find('>', begin);
    if (begin == std::string_view::npos || end == std::string_view::npos) {
      return filled.append(text);
    }
    filled.append(text.substr(0, begin))
        .append(Known(std::string(text.substr(begin + 1, end - begin - 1))));
    text.remove_prefix(end + 1);
  }
}

std::string StoryTest::Known(const std::string& name) {
  if (story_.people.contains(name) && !known_.contains(name)) {
    known_[name] = IdOf(CredentialOf(name));
  }
  const auto found = known_.find(name);
  if (found == known_.end()) {
    ADD_FAILURE() << "nothing is known as " << name;
    return {};
  }
  return found->second;
}

}  // namespace paddock::tables
