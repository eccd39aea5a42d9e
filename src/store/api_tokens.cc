#include "store/api_tokens.h"

#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "store/records.h"

namespace paddock::store {
namespace {

constexpr std::string_view kMissing = "There is no such token.";

ApiTokenRecord ReadToken(RowReader& reader) {
  ApiTokenRecord token{.id = ApiTokenId(reader.Text()), .user = UserId(reader.Text())};
  token.name = reader.Text();
  token.scopes = reader.Text();
  token.created_at = reader.Time();
  token.expires_at = reader.OptionalTime();
  token.used_at = reader.OptionalTime();
  return token;
}

ApiTokenHolder ReadHolder(RowReader& reader) {
  ApiTokenHolder holder{.token = ReadToken(reader)};
  holder.role = ReadRole(reader);
  holder.name = reader.Text();
  holder.disabled = reader.Truth();
  return holder;
}

}  // namespace

aio::Task<Result<ApiTokenHolder>> ApiTokens::FindBySecret(std::string secret_hash,
                                                          Deadline deadline) {
  Statement statement{.sql =
                          "SELECT t.id, t.user_id, t.name, t.scopes, t.created_at, "
                          "t.expires_at, t.used_at, u.role, COALESCE(u.name, u.display_name), "
                          "u.disabled FROM api_tokens t JOIN users u ON u.namespace = "
                          "t.namespace AND u.id = t.user_id "
                          "WHERE t.namespace = ? AND t.secret_hash = ?",
                      .values = {name_space_, std::move(secret_hash)}};
  auto rows = co_await database_.Read(std::move(statement), deadline);
  co_return ReadOne(rows, ReadHolder, std::string(kMissing));
}

aio::Task<Result<std::vector<ApiTokenRecord>>> ApiTokens::List(UserId user, Deadline deadline) {
  Statement statement{.sql =
                          "SELECT id, user_id, name, scopes, created_at, expires_at, used_at "
                          "FROM api_tokens WHERE namespace = ? AND user_id = ? "
                          "ORDER BY created_at DESC, id LIMIT ?",
                      .values = {name_space_, user.value(), kApiTokensPerUserMax}};
  auto rows = co_await database_.Read(std::move(statement), deadline);
  co_return ReadAll(rows, ReadToken);
}

Statement ApiTokens::Insert(const ApiTokenRecord& token, std::string secret_hash) const {
  // The row stands only if the user has room for it, so two requests at once cannot pass the limit
  // together by more than the one that the other does not see yet.
  return {.sql =
              "INSERT INTO api_tokens (namespace, id, secret_hash, user_id, name, scopes, "
              "created_at, expires_at) SELECT u.namespace, ?, ?, u.id, ?, ?, ?, ? FROM users u "
              "WHERE u.namespace = ? AND u.id = ? AND (SELECT COUNT(*) FROM api_tokens t "
              "WHERE t.namespace = u.namespace AND t.user_id = u.id) < ?",
          .values = {token.id.value(), std::move(secret_hash), token.name, token.scopes,
                     ToValue(token.created_at), ToValue(token.expires_at), name_space_,
                     token.user.value(), kApiTokensPerUserMax},
          .if_none = Error{.code = Code::kConflict,
                           .message = fmt::format("You have {} tokens, which is the most that "
                                                  "there may be: revoke one that is not used.",
                                                  kApiTokensPerUserMax)}};
}

Statement ApiTokens::Touch(const ApiTokenId& id, SystemTime now) const {
  return {.sql = "UPDATE api_tokens SET used_at = ? WHERE namespace = ? AND id = ?",
          .values = {ToValue(now), name_space_, id.value()}};
}

Statement ApiTokens::DeleteOf(const UserId& user, const ApiTokenId& id) const {
  return {.sql = "DELETE FROM api_tokens WHERE namespace = ? AND id = ? AND user_id = ?",
          .values = {name_space_, id.value(), user.value()},
          .if_none = Error{.code = Code::kNotFound, .message = std::string(kMissing)}};
}

}  // namespace paddock::store
