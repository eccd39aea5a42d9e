#include "gateway/status.h"

namespace paddock::gateway {

int HttpStatus(Code code) noexcept {
  switch (code) {
    case Code::kInvalid: return 400;
    case Code::kNotFound: return 404;
    case Code::kConflict: return 409;
    case Code::kDenied: return 403;
    case Code::kExhausted: return 429;
    case Code::kDeadlineExceeded: return 504;
    case Code::kCancelled: return 499;  // nobody is left to read it: for the access log
    case Code::kUnavailable: return 503;
    case Code::kInternal: return 500;
    case Code::kDiskFull: return 507;
  }
  return 500;  // unreachable for valid values; no `default:` so -Wswitch stays useful
}

std::string_view ReasonPhrase(int status) noexcept {
  switch (status) {
    case 100: return "Continue";
    case 101: return "Switching Protocols";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 411: return "Length Required";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Content";
    case 426: return "Upgrade Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 499: return "Client Closed Request";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    case 507: return "Insufficient Storage";
    default: return "Status";
  }
}

std::string_view ErrorName(int status) noexcept {
  switch (status) {
    case 401: return "unauthenticated";
    case 403: return Name(Code::kDenied);
    case 404: return Name(Code::kNotFound);
    case 405: return "method_not_allowed";
    case 408: return "request_timeout";
    case 409: return Name(Code::kConflict);
    case 413: return "too_large";
    case 415: return "unsupported_media_type";
    case 416: return "range_not_satisfiable";
    case 426: return "upgrade_required";
    case 429: return Name(Code::kExhausted);
    case 431: return "headers_too_large";
    case 499: return Name(Code::kCancelled);
    case 501:
    case 505: return "not_implemented";
    case 503: return Name(Code::kUnavailable);
    case 504: return Name(Code::kDeadlineExceeded);
    case 507: return Name(Code::kDiskFull);
    default: return status < 500 ? Name(Code::kInvalid) : Name(Code::kInternal);
  }
}

}  // namespace paddock::gateway
