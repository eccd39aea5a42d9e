#include "gateway/playground/answers.h"

#include <algorithm>
#include <charconv>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/json_writer.h"
#include "identity/policy.h"

namespace paddock::gateway {
namespace {

using playground::Difficulty;

std::string_view NameOf(Difficulty difficulty) noexcept {
  switch (difficulty) {
    case Difficulty::kUnspecified: return "";
    case Difficulty::kEasy: return "easy";
    case Difficulty::kMedium: return "medium";
    case Difficulty::kHard: return "hard";
  }
  return "";
}

std::string TimeText(playground::Time time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return fmt::format("{:%FT%TZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)));
}

void WriteQuestion(JsonWriter& out, const playground::QuestionSummary& question) {
  out.BeginObject()
      .Field("id", std::string_view(std::to_string(question.id)))
      .Field("schema_id", std::string_view(question.schema_id))
      .Field("type", std::string_view(question.type))
      .Field("difficulty", NameOf(question.difficulty))
      .Field("title", std::string_view(question.title))
      .Field("description", std::string_view(question.description))
      .Field("created_at", std::string_view(TimeText(question.created_at)))
      .Field("updated_at", std::string_view(TimeText(question.updated_at)))
      .EndObject();
}

Response Unauthenticated(const Request& request, std::string_view message) {
  Response response = StatusResponse(request, 401, message);
  response.Set("WWW-Authenticate", "Bearer");
  return response;
}

bool IsToken(const Caller& caller) noexcept {
  const auto kind = caller.principal->credential;
  return caller.sent_as == SentAs::kBearer && (kind == identity::CredentialKind::kApiToken ||
                                               kind == identity::CredentialKind::kProviderToken);
}

Result<std::int64_t> Counted(const Request& request, std::string_view name, std::int64_t fallback) {
  const auto text = request.Query(name);
  if (!text) {
    return fallback;
  }
  const std::string message = fmt::format("{} must be a whole number from 0 on.", name);
  auto number = NumberOf(*text, message);
  if (number && *number < 0) {
    return Fail(Code::kInvalid, message);
  }
  return number;
}

}  // namespace

std::string QuestionJson(const playground::QuestionSummary& question) {
  JsonWriter out;
  WriteQuestion(out, question);
  return std::move(out).Take();
}

std::string QuestionsJson(const std::vector<playground::QuestionSummary>& questions) {
  JsonWriter out;
  out.BeginArray();
  for (const auto& question : questions) {
    WriteQuestion(out, question);
  }
  out.EndArray();
  return std::move(out).Take();
}

std::string SchemaJson(const playground::SchemaSummary& schema) {
  JsonWriter out;
  out.BeginObject().Field("id", std::string_view(schema.id));
  if (schema.picture) {
    out.Field("picture", std::string_view(*schema.picture));
  }
  out.Field("description", std::string_view(schema.description))
      .Field("created_at", std::string_view(TimeText(schema.created_at)))
      .Field("updated_at", std::string_view(TimeText(schema.updated_at)))
      .EndObject();
  return std::move(out).Take();
}

std::string OutputJson(const playground::Output& output) {
  JsonWriter out;
  out.BeginObject().Key("header").BeginArray();
  for (const std::string& name : output.header) {
    out.Text(name);
  }
  out.EndArray().Key("rows").BeginArray();
  for (const auto& row : output.rows) {
    out.BeginArray();
    for (const auto& cell : row) {
      if (cell) {
        out.Text(*cell);
      } else {
        out.Null();
      }
    }
    out.EndArray();
  }
  out.EndArray().EndObject();
  return std::move(out).Take();
}

std::optional<Response> CheckToken(const Request& request,
                                   std::initializer_list<identity::Scope> scopes) {
  const auto header = request.Header("Authorization");
  if (!header || !EqualsIgnoreCase(header->substr(0, 7), "Bearer ")) {
    return Unauthenticated(request, "Malformed or missing authorization header");
  }
  if (!request.caller || !IsToken(*request.caller)) {
    return Unauthenticated(request, "Failed to verify token");
  }
  for (const identity::Scope scope : scopes) {
    if (!identity::RequireScope(*request.caller->principal, scope)) {
      return StatusResponse(request, 403,
                            fmt::format("Insufficient scope ({} is required)", Name(scope)));
    }
  }
  return std::nullopt;
}

Result<playground::Cursor> CursorOf(const Request& request) {
  playground::Cursor cursor;
  auto limit = Counted(request, "limit", cursor.limit);
  auto offset = Counted(request, "offset", cursor.offset);
  if (!limit || !offset) {
    return Fail(limit ? std::move(offset).error() : std::move(limit).error());
  }
  if (*limit > 0) {
    cursor.limit = std::min(*limit, playground::kCursorLimitMax);
  }
  cursor.offset = *offset;
  return cursor;
}

Result<std::int64_t> NumberOf(std::string_view text, std::string_view message) {
  std::int64_t number = 0;
  const auto [read, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || read != text.data() + text.size()) {
    return Fail(Code::kInvalid, std::string(message));
  }
  return number;
}

}  // namespace paddock::gateway
