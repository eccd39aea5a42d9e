// What the front ends of Database Playground read: its JSON, and whom it answers.
//
// Private to this folder. Threading: pure functions.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>

#include "gateway/http.h"
#include "identity/scope.h"
#include "playground/services.h"

namespace paddock::gateway {

[[nodiscard]] std::string QuestionJson(const playground::QuestionSummary& question);
[[nodiscard]] std::string QuestionsJson(const std::vector<playground::QuestionSummary>& questions);
[[nodiscard]] std::string SchemaJson(const playground::SchemaSummary& schema);
/// Both are arrays, also when there is nothing in them.
[[nodiscard]] std::string OutputJson(const playground::Output& output);

/// Nothing when the caller came with a token, of this server or its provider, which is good for
/// all of `scopes`; else 401 or 403. A cookie does not count: it would come along by itself.
[[nodiscard]] std::optional<Response> CheckToken(const Request& request,
                                                 std::initializer_list<identity::Scope> scopes);

/// `limit` and `offset` of the query. kInvalid: not numbers, or below 0.
[[nodiscard]] Result<playground::Cursor> CursorOf(const Request& request);
/// kInvalid with `message`: not a whole number.
[[nodiscard]] Result<std::int64_t> NumberOf(std::string_view text, std::string_view message);

}  // namespace paddock::gateway
