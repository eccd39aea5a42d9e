#include "gateway/request_head.h"

#include <algorithm>
#include <limits>

#include <boost/beast/http/basic_parser.hpp>

namespace paddock::gateway {
namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace {

std::unexpected<HeadError> Refuse(int status, std::string message) {
  return std::unexpected(HeadError{.status = status, .message = std::move(message)});
}

std::string_view ToStd(beast::string_view text) noexcept { return {text.data(), text.size()}; }

/// Feeds a RequestHead. Only the head is ever put in, as one buffer, so its views stay valid.
class HeadParser final : public http::basic_parser<true> {
 public:
  HeadParser(RequestHead& head, int header_count_max)
      : head_(head), header_count_max_(header_count_max) {
    skip(true);                                               // bodies are read by body_reader.h
    header_limit(std::numeric_limits<std::uint32_t>::max());  // the loop has counted the bytes
  }
  [[nodiscard]] const std::optional<HeadError>& refusal() const noexcept { return refusal_; }

 private:
  void Reject(int status, std::string message, beast::error_code& failure) {
    refusal_ = HeadError{.status = status, .message = std::move(message)};
    failure = http::error::bad_field;
  }

  void on_request_impl(http::verb verb,
                       beast::string_view /*method*/,
                       beast::string_view target,
                       int version,
                       beast::error_code& failure) override {
    switch (verb) {
      case http::verb::get: head_.method = Method::kGet; break;
      case http::verb::head: head_.method = Method::kHead; break;
      case http::verb::post: head_.method = Method::kPost; break;
      case http::verb::put: head_.method = Method::kPut; break;
      case http::verb::patch: head_.method = Method::kPatch; break;
      case http::verb::delete_: head_.method = Method::kDelete; break;
      case http::verb::options: head_.method = Method::kOptions; break;
      default: Reject(501, "this method is not supported", failure); return;
    }
    head_.target = ToStd(target);
    head_.http_1_0 = version < 11;
  }

  void on_field_impl(http::field field,
                     beast::string_view name,
                     beast::string_view value,
                     beast::error_code& failure) override {
    if (head_.headers.size() == static_cast<std::size_t>(header_count_max_)) {
      Reject(431, "there are too many headers", failure);
      return;
    }
    head_.headers.push_back({.name = ToStd(name), .value = ToStd(value)});
    switch (field) {
      case http::field::host: OnHost(ToStd(value), failure); break;
      case http::field::content_length: OnContentLength(ToStd(value), failure); break;
      case http::field::transfer_encoding: OnTransferEncoding(ToStd(value), failure); break;
      case http::field::expect: OnExpect(ToStd(value), failure); break;
      default: break;
    }
  }

  void OnHost(std::string_view value, beast::error_code& failure) {
    const auto is_host_character = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == '.' || c == '-' || c == '_' || c == ':' || c == '[' || c == ']';
    };
    if (!head_.host.empty() || value.empty() || !std::ranges::all_of(value, is_host_character)) {
      Reject(400, "there must be exactly one valid Host header", failure);
      return;
    }
    head_.host = value;
  }

  // Two lengths, even equal ones or in one line, are an attack or a bug. Beast reads the number.
  void OnContentLength(std::string_view value, beast::error_code& failure) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (has_length_ || value.empty() || !std::ranges::all_of(value, is_digit)) {
      Reject(400, "there must be at most one Content-Length, a number", failure);
    }
    has_length_ = true;
  }

  void OnTransferEncoding(std::string_view value, beast::error_code& failure) {
    if (head_.chunked || head_.http_1_0) {
      Reject(400, "Transfer-Encoding is not allowed here", failure);
    } else if (!EqualsIgnoreCase(value, "chunked")) {
      Reject(501, "no transfer coding but chunked is supported", failure);
    }
    head_.chunked = true;
  }

  void OnExpect(std::string_view value, beast::error_code& failure) {
    if (!EqualsIgnoreCase(value, "100-continue")) {
      Reject(417, "this expectation cannot be met", failure);
    }
    head_.expects_continue = !head_.http_1_0;
  }

  void on_header_impl(beast::error_code& failure) override {
    if (has_length_ && head_.chunked) {
      Reject(400, "Content-Length and Transfer-Encoding exclude each other", failure);
    } else if (head_.host.empty() && !head_.http_1_0) {
      Reject(400, "there must be exactly one valid Host header", failure);
    }
  }

  // Never called, as the body is skipped; pure virtual in Beast.
  void on_response_impl(int /*status*/,
                        beast::string_view /*reason*/,
                        int /*version*/,
                        beast::error_code& /*failure*/) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>& /*length*/,
                         beast::error_code& /*failure*/) override {}
  std::size_t on_body_impl(beast::string_view /*body*/, beast::error_code& /*failure*/) override {
    return 0;
  }
  void on_chunk_header_impl(std::uint64_t /*size*/,
                            beast::string_view /*extensions*/,
                            beast::error_code& /*failure*/) override {}
  std::size_t on_chunk_body_impl(std::uint64_t /*remain*/,
                                 beast::string_view /*body*/,
                                 beast::error_code& /*failure*/) override {
    return 0;
  }
  void on_finish_impl(beast::error_code& /*failure*/) override {}

  RequestHead& head_;
  int header_count_max_;
  bool has_length_ = false;
  std::optional<HeadError> refusal_;
};

/// What Beast would accept: a header continued on the next line (long obsolete), a bare CR or LF,
/// a NUL. Each has served to show two servers two requests.
bool HasAmbiguousBytes(std::string_view bytes) noexcept {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    if (static_cast<unsigned char>(c) >= 0x20U || c == '\t') {
      continue;
    }
    const bool is_line_end = c == '\r' && i + 1 < bytes.size() && bytes[i + 1] == '\n';
    if (!is_line_end) {
      return true;
    }
    ++i;
    if (i + 1 < bytes.size() && (bytes[i + 1] == ' ' || bytes[i + 1] == '\t')) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::size_t FindHeadEnd(std::string_view bytes, std::size_t from) noexcept {
  constexpr std::string_view kEnd = "\r\n\r\n";
  const std::size_t start = from < kEnd.size() ? 0 : from - kEnd.size() + 1;
  const std::size_t found = bytes.find(kEnd, start);
  return found == std::string_view::npos ? found : found + kEnd.size();
}

std::expected<void, HeadError> ParseHead(std::string_view bytes,
                                         int header_count_max,
                                         RequestHead& head) {
  std::vector<HeaderView> headers = std::move(head.headers);  // for its capacity
  headers.clear();
  head = RequestHead{};
  head.headers = std::move(headers);
  if (HasAmbiguousBytes(bytes)) {
    return Refuse(400, "the head of the request is malformed");
  }
  HeadParser parser(head, header_count_max);
  beast::error_code failure;
  const std::size_t used = parser.put({bytes.data(), bytes.size()}, failure);
  if (parser.refusal()) {
    return std::unexpected(*parser.refusal());
  }
  if (failure == http::error::bad_version) {
    return Refuse(505, "HTTP/1.1 is spoken here");
  }
  if (failure || used != bytes.size() || !parser.is_header_done()) {
    return Refuse(400, "the head of the request is malformed");
  }
  // With the body skipped, Beast still tells the length it has checked.
  if (const auto length = parser.content_length()) {
    head.content_length = *length;
  }
  head.keep_alive = parser.keep_alive();
  return {};
}

}  // namespace paddock::gateway
