#include "gateway/routes/page_query.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "model/ids.h"

namespace paddock::gateway {
namespace {

using SystemTime = std::chrono::system_clock::time_point;

constexpr std::string_view kTimeForm = "dddd-dd-ddTdd:dd:ddZ";

bool HasTimeForm(std::string_view text) {
  return std::ranges::equal(text, kTimeForm, [](char given, char wanted) {
    return wanted == 'd' ? given >= '0' && given <= '9' : given == wanted;
  });
}

/// Of `text` that has the form.
std::optional<SystemTime> ParseTime(std::string_view text) {
  const auto number = [text](std::size_t at, std::size_t size) {
    int value = 0;
    for (const char digit : text.substr(at, size)) {
      value = value * 10 + (digit - '0');
    }
    return value;
  };
  namespace chrono = std::chrono;
  const chrono::year_month_day day{chrono::year(number(0, 4)),
                                   chrono::month(static_cast<unsigned>(number(5, 2))),
                                   chrono::day(static_cast<unsigned>(number(8, 2)))};
  const int hours = number(11, 2);
  const int minutes = number(14, 2);
  const int seconds = number(17, 2);
  if (!day.ok() || hours > 23 || minutes > 59 || seconds > 59) {
    return std::nullopt;
  }
  return chrono::sys_days(day) + chrono::hours(hours) + chrono::minutes(minutes) +
         chrono::seconds(seconds);
}

}  // namespace

Result<std::int64_t> ReadPageLimit(const Request& request) {
  const auto text = request.Query("limit");
  if (!text) {
    return kPageLimitInitial;
  }
  std::int64_t limit = 0;
  const auto [last, failure] = std::from_chars(text->data(), text->data() + text->size(), limit);
  if (failure != std::errc() || last != text->data() + text->size() || limit < 1 ||
      limit > kPageLimitMax) {
    return Fail(Code::kInvalid,
                fmt::format("limit must be an integer from 1 to {}", kPageLimitMax));
  }
  return limit;
}

Result<std::optional<std::string>> ReadIdFilter(const Request& request, std::string_view name) {
  const auto text = request.Query(name);
  if (!text || text->empty()) {
    return std::nullopt;
  }
  if (!IsIdText(*text)) {
    return Fail(Code::kInvalid, fmt::format("{} must be an id", name));
  }
  return std::string(*text);
}

Result<PageRequest> ReadPage(const Request& request) {
  auto after = ReadIdFilter(request, "after");
  if (!after) {
    return Fail(std::move(after).error());
  }
  auto limit = ReadPageLimit(request);
  if (!limit) {
    return Fail(std::move(limit).error());
  }
  return PageRequest{.after = *std::move(after), .limit = *limit};
}

Result<std::optional<std::string>> ReadTextFilter(const Request& request, std::string_view name) {
  const auto text = request.Query(name);
  if (!text || text->empty()) {
    return std::nullopt;
  }
  if (text->size() > kFilterBytesMax || text->contains('\0')) {
    return Fail(Code::kInvalid,
                fmt::format("{} must be text of at most {} bytes", name, kFilterBytesMax));
  }
  return std::string(*text);
}

Result<bool> ReadTruthFilter(const Request& request, std::string_view name) {
  const auto text = request.Query(name);
  if (!text || text->empty() || *text == "false") {
    return false;
  }
  if (*text != "true") {
    return Fail(Code::kInvalid, fmt::format("{} must be true or false", name));
  }
  return true;
}

Result<std::optional<SystemTime>> ReadTimeFilter(const Request& request, std::string_view name) {
  const auto text = request.Query(name);
  if (!text || text->empty()) {
    return std::nullopt;
  }
  const auto time = HasTimeForm(*text) ? ParseTime(*text) : std::nullopt;
  if (!time) {
    return Fail(Code::kInvalid,
                fmt::format("{} must be a time such as 2026-11-20T23:00:00Z", name));
  }
  return time;
}

}  // namespace paddock::gateway
