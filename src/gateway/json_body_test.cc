#include "gateway/json_body.h"

#include <string>

#include <gtest/gtest.h>

namespace paddock::gateway {
namespace {

constexpr std::int64_t kMemoryMin = 16'777'216;
constexpr std::int64_t kMemoryMax = 8'589'934'592;

/// Reads everything that a route could ask for; "" or the message of the refusal.
std::string Problem(std::string_view text) {
  auto body = JsonBody::Parse(text);
  if (!body) {
    EXPECT_EQ(body.error().code, Code::kInvalid);
    return body.error().message;
  }
  JsonObject root = body->root();
  JsonObject limits = root.Object("limits");
  std::ignore = limits.Integer("memory_bytes", kMemoryMin, kMemoryMin, kMemoryMax);
  std::ignore = root.Boolean("wait", false);
  std::ignore = root.OptionalText("image", TextRule{.bytes_min = 1, .bytes_max = 8});
  std::ignore = root.Choice("network", "none", {"none", "egress"});
  std::ignore = root.OptionalTexts("argv", 1, 2, TextRule{.bytes_max = 4});
  std::ignore = root.TextMap("env", 2, TextRule{.bytes_min = 1, .bytes_max = 4}, TextRule{});
  const auto valid = body->Finish();
  return valid ? std::string() : valid.error().message;
}

TEST(JsonBodyTest, AnEmptyBodyIsAnEmptyObject) {
  EXPECT_EQ(Problem(""), "");
  EXPECT_EQ(Problem("{}"), "");
}

TEST(JsonBodyTest, AnIntegerOutOfItsRangeOrOfAnotherTypeIsNamedWithItsRange) {
  const std::string expected = "limits.memory_bytes must be an integer from 16777216 to 8589934592";
  for (const char* value : {"0", "-1", "1e9", "16777216.5", "8589934593", "18446744073709551615",
                            "1e400", "\"16777216\"", "true", "[]", "{}"}) {
    const std::string problem =
        Problem(std::string(R"({"limits":{"memory_bytes":)") + value + "}}");
    EXPECT_TRUE(problem == expected || problem.starts_with("the body is not valid JSON"))
        << value << ": " << problem;
  }
  EXPECT_EQ(Problem(R"({"limits":{"memory_bytes":0}})"), expected);
  EXPECT_EQ(Problem(R"({"limits":{"memory_bytes":16777216}})"), "");
  EXPECT_EQ(Problem(R"({"limits":{"memory_bytes":null}})"), "") << "null counts as missing";
}

TEST(JsonBodyTest, WrongTypesAreNamed) {
  EXPECT_EQ(Problem(R"({"limits":[]})"), "limits must be an object");
  EXPECT_EQ(Problem(R"({"wait":1})"), "wait must be true or false");
  EXPECT_EQ(Problem(R"({"image":1})"), "image must be a string");
  EXPECT_EQ(Problem(R"({"image":""})"), "image must be a string of 1 to 8 bytes");
  EXPECT_EQ(Problem(R"({"image":"a\u0000b"})"), "image must not contain a NUL character");
  EXPECT_EQ(Problem(R"({"network":"host"})"), "network must be one of: none, egress");
  EXPECT_EQ(Problem(R"({"argv":[]})"), "argv must be an array of 1 to 2 strings");
  EXPECT_EQ(Problem(R"({"argv":["a",2]})"), "argv[1] must be a string");
  EXPECT_EQ(Problem(R"({"env":{"A":1}})"), "env.A must be a string");
  EXPECT_EQ(Problem(R"({"env":{"":"x"}})"), "env has a name that must be a string of 1 to 4 bytes");
  EXPECT_EQ(Problem(R"({"env":{"A":"","B":"","C":""}})"),
            "env must be an object of at most 2 strings");
}

TEST(JsonBodyTest, UnknownFieldsAreNamedAtEveryDepth) {
  EXPECT_EQ(Problem(R"({"imagee":"x"})"), "imagee is not a field of this request");
  EXPECT_EQ(Problem(R"({"limits":{"memory":1}})"), "limits.memory is not a field of this request");
}

TEST(JsonBodyTest, WhatIsNoObjectOrNoJsonIsRefused) {
  EXPECT_EQ(Problem("[]"), "the body must be a JSON object");
  EXPECT_EQ(Problem("null"), "the body must be a JSON object");
  for (const std::string& text :
       {std::string("{"), std::string("{\"a\":1}x"), std::string("{'a':1}"),
        std::string("{\"a\":01}"), std::string("{\"image\":\"\xFF\"}"), std::string("\0", 1),
        std::string(100'000, '['), "{\"a\":" + std::string(40, '[') + std::string(40, ']') + "}"}) {
    EXPECT_TRUE(Problem(text).starts_with("the body is not valid JSON")) << text.substr(0, 20);
  }
}

TEST(JsonBodyTest, ARequiredFieldThatIsMissingIsNamed) {
  auto body = JsonBody::Parse("{}");
  ASSERT_TRUE(body.has_value());
  std::ignore = body->root().RequiredText("shell", TextRule{});
  EXPECT_EQ(body->Finish().error().message, "shell is required and must be a string");
}

}  // namespace
}  // namespace paddock::gateway
