#include "gateway/http.h"

#include <algorithm>
#include <ranges>

#include <fmt/format.h>

#include "base/check.h"
#include "base/json_text.h"
#include "base/log.h"
#include "gateway/status.h"

namespace paddock::gateway {
namespace {

constexpr std::chrono::seconds kRetryAfterInitial{2};
constexpr std::string_view kInternalMessage =
    "Something went wrong here. The request id helps to find it in the log.";
constexpr std::string_view kUnavailableMessage =
    "A part of the server is not available right now. Please try again.";

constexpr char Lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string_view Trim(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
    text.remove_prefix(1);
  }
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
    text.remove_suffix(1);
  }
  return text;
}

Response ErrorBody(const Request& request,
                   int status,
                   std::string_view code,
                   std::string_view message) {
  std::string json = R"({"code":)";
  AppendJsonText(json, code);
  json += R"(,"message":)";
  AppendJsonText(json, message);
  json += R"(,"request_id":)";
  AppendJsonText(json, request.id);
  json += '}';
  Response response = JsonResponse(status, std::move(json));
  if (status == 429 || status == 503) {
    const auto wait = request.retry_after.value_or(kRetryAfterInitial);
    response.Set("Retry-After", std::to_string(wait.count()));
  }
  return response;
}

}  // namespace

bool EqualsIgnoreCase(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, {}, Lower, Lower);
}

std::string_view Name(Method method) noexcept {
  switch (method) {
    case Method::kGet: return "GET";
    case Method::kHead: return "HEAD";
    case Method::kPost: return "POST";
    case Method::kPut: return "PUT";
    case Method::kPatch: return "PATCH";
    case Method::kDelete: return "DELETE";
    case Method::kOptions: return "OPTIONS";
  }
  return "?";
}

bool IsStateChanging(Method method) noexcept {
  return method == Method::kPost || method == Method::kPut || method == Method::kPatch ||
         method == Method::kDelete;
}

void Request::Clear() noexcept {
  method = Method::kGet;
  target = {};
  path.clear();
  route = {};
  parameters.clear();
  query.clear();
  headers.clear();
  id.clear();
  remote_address.clear();
  limit_key.clear();
  origin.clear();
  host_is_ours = true;
  secure = false;
  caller.reset();
  DropBody();  // the one thing that may be large
  body_source = nullptr;
  body_size.reset();
  deadline = Deadline::Never();
  started_at = {};
  retry_after.reset();
}

void Request::DropBody() noexcept {
  body = std::string();
  body_hold = BodyBudget::Hold();
}

std::optional<std::string_view> Request::Header(std::string_view name) const noexcept {
  for (const HeaderView& header : headers) {
    if (EqualsIgnoreCase(header.name, name)) {
      return header.value;
    }
  }
  return std::nullopt;
}

std::string_view Request::Parameter(std::string_view name) const {
  const auto found =
      std::ranges::find(parameters, name, &std::pair<std::string_view, std::string_view>::first);
  PADDOCK_CHECK(found != parameters.end());
  return found->second;
}

std::optional<std::string_view> Request::Query(std::string_view name) const noexcept {
  const auto found = std::ranges::find(query, name, &std::pair<std::string, std::string>::first);
  if (found == query.end()) {
    return std::nullopt;
  }
  return found->second;
}

std::optional<std::string_view> Request::Cookie(std::string_view name) const noexcept {
  for (const HeaderView& header : headers) {
    if (!EqualsIgnoreCase(header.name, "Cookie")) {
      continue;
    }
    std::string_view rest = header.value;
    while (!rest.empty()) {
      const auto end = std::min(rest.find(';'), rest.size());
      const std::string_view pair = Trim(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      const auto equals = pair.find('=');
      if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
        return pair.substr(equals + 1);
      }
    }
  }
  return std::nullopt;
}

Response JsonResponse(int status, std::string json) {
  return {.status = status, .body = std::move(json), .is_json = true};
}

Response NoContent() { return Response{.status = 204, .headers = {}, .body = std::string()}; }

Response ErrorResponse(const Request& request, const Error& error, std::string_view failed) {
  if (error.code != Code::kInternal && error.code != Code::kUnavailable) {
    return ErrorBody(request, HttpStatus(error.code), Name(error.code), error.reason());
  }
  // These may name paths, hosts or a driver's words: for operators only.
  log::Write(log::Level::kError, "request failed",
             {{"request_id", request.id}, {"code", Name(error.code)}, {"error", error.message}});
  std::string message(error.code == Code::kInternal ? kInternalMessage : kUnavailableMessage);
  if (!failed.empty()) {
    message =
        fmt::format("{} The server's log has the reason under request {}.", failed, request.id);
  }
  return ErrorBody(request, HttpStatus(error.code), Name(error.code), message);
}

Response StatusResponse(const Request& request, int status, std::string_view message) {
  return ErrorBody(request, status, ErrorName(status), message);
}

}  // namespace paddock::gateway
