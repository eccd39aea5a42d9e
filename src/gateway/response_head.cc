#include "gateway/response_head.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/log.h"
#include "gateway/status.h"

namespace paddock::gateway {
namespace {

void AppendNumber(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

bool HasControl(std::string_view text) noexcept {
  return std::ranges::any_of(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20U && c != '\t'; });
}

}  // namespace

void AppendResponseHead(std::string& out,
                        const Response& response,
                        std::string_view request_id,
                        std::string_view date,
                        const ResponseFraming& framing) {
  out += "HTTP/1.1 ";
  AppendNumber(out, static_cast<std::uint64_t>(response.status));
  out += ' ';
  out += ReasonPhrase(response.status);
  out += "\r\nDate: ";
  out += date;
  if (response.is_json) {
    out += "\r\nContent-Type: application/json\r\nCache-Control: no-store";
  }
  bool has_policy = false;
  for (const auto& [name, value] : response.headers) {
    if (HasControl(name) || HasControl(value)) {
      log::Write(log::Level::kError, "header dropped", {{"request_id", request_id}});
      continue;
    }
    has_policy = has_policy || EqualsIgnoreCase(name, "Content-Security-Policy");
    out += "\r\n";
    out += name;
    out += ": ";
    out += value;
  }
  if (framing.content_length) {
    out += "\r\nContent-Length: ";
    AppendNumber(out, *framing.content_length);
  }
  if (framing.chunked) {
    out += "\r\nTransfer-Encoding: chunked";
  }
  if (!framing.keep_alive) {
    out += "\r\nConnection: close";
  } else if (framing.say_keep_alive) {
    out += "\r\nConnection: keep-alive";
  }
  if (!has_policy) {
    out += "\r\nContent-Security-Policy: ";
    out += kApiContentSecurityPolicy;
  }
  out +=  // one piece: what every answer ends with
      "\r\nX-Content-Type-Options: nosniff"
      "\r\nReferrer-Policy: no-referrer"
      "\r\nCross-Origin-Opener-Policy: same-origin"
      "\r\nCross-Origin-Resource-Policy: same-origin"
      "\r\nX-Frame-Options: DENY"
      "\r\nX-Request-Id: ";
  out += request_id;
  out += "\r\n\r\n";
}

}  // namespace paddock::gateway
