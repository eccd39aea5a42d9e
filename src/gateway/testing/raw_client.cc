#include "gateway/testing/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "base/check.h"
#include "gateway/http.h"

namespace paddock::gateway::testing {

std::string RawResponse::Header(std::string_view name) const {
  std::string_view rest = head;
  while (!rest.empty()) {
    const auto end = std::min(rest.find("\r\n"), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 2, rest.size()));
    const auto colon = line.find(": ");
    if (colon != std::string_view::npos && EqualsIgnoreCase(line.substr(0, colon), name)) {
      return std::string(line.substr(colon + 2));
    }
  }
  return {};
}

RawClient::RawClient(std::uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval limit{.tv_sec = 10, .tv_usec = 0};
  setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  PADDOCK_CHECK(connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
}

bool RawClient::TrySend(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

void RawClient::Send(std::string_view bytes) { PADDOCK_CHECK(TrySend(bytes)); }

void RawClient::ShutdownWrite() { shutdown(fd_.get(), SHUT_WR); }

bool RawClient::Fill() {
  std::array<char, 65536> buffer{};
  const ssize_t count = recv(fd_.get(), buffer.data(), buffer.size(), 0);
  // A server that says nothing for so long must not pass for one that has closed.
  PADDOCK_CHECK(count >= 0 || errno == ECONNRESET || errno == EPIPE);
  if (count <= 0) {
    return false;
  }
  received_.append(buffer.data(), static_cast<std::size_t>(count));
  return true;
}

std::string RawClient::ReadToEnd() {
  while (Fill()) {
  }
  return std::exchange(received_, {});
}

std::string RawClient::ReadBytes(std::size_t count) {
  while (received_.size() < count && Fill()) {
  }
  std::string bytes = received_.substr(0, count);
  received_.erase(0, bytes.size());
  return bytes;
}

std::string RawClient::ReadUntil(std::string_view end) {
  std::size_t found = received_.find(end);
  while (found == std::string::npos && Fill()) {
    found = received_.find(end);
  }
  return ReadBytes(found == std::string::npos ? received_.size() : found + end.size());
}

RawResponse RawClient::ReadResponse(bool is_head) {
  RawResponse response;
  response.head = ReadUntil("\r\n\r\n");
  if (!response.head.starts_with("HTTP/1.1 ")) {
    return response;
  }
  std::from_chars(response.head.data() + 9, response.head.data() + 12, response.status);
  if (is_head || response.status < 200 || response.status == 204 || response.status == 304) {
    return response;
  }
  if (response.Header("Transfer-Encoding") == "chunked") {
    for (;;) {
      const std::string line = ReadUntil("\r\n");
      std::size_t size = 0;
      std::from_chars(line.data(), line.data() + line.size(), size, 16);
      response.body += ReadBytes(size);
      ReadBytes(2);
      if (size == 0) {
        return response;
      }
    }
  }
  const std::string length = response.Header("Content-Length");
  std::size_t size = 0;
  std::from_chars(length.data(), length.data() + length.size(), size);
  response.body = length.empty() ? ReadToEnd() : ReadBytes(size);
  return response;
}

bool RawClient::IsClosed() { return received_.empty() && !Fill(); }

}  // namespace paddock::gateway::testing
