#include "gateway/routes/testing/fake_sql_runner.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "base/check.h"
#include "sqlrunner/link/framed_socket.h"

namespace paddock::gateway::testing {
namespace {

using sqlrunner::FrameKind;

constexpr unsigned kByteBits = 8;
constexpr std::chrono::seconds kEndTimeMax{10};
constexpr std::string_view kFailed =
    R"({"type":"failed","id":1,"code":"denied","message":"it may change shop.items: REVOKE that"})";
constexpr std::string_view kOpened =
    R"({"type":"opened","id":1,"engine":"postgres","version":"PostgreSQL 15.13",)"
    R"("database":"shop","user":"reader","transaction":"none","read_only":true})";

struct Plain {
  FrameKind kind;
  std::string payload;
};

void Write(int connection, FrameKind kind, std::string_view payload) {
  const auto length = static_cast<std::uint32_t>(payload.size() + 1);
  std::string frame;
  for (unsigned shift = 4 * kByteBits; shift > 0; shift -= kByteBits) {
    frame.push_back(static_cast<char>(length >> (shift - kByteBits)));
  }
  frame.push_back(static_cast<char>(kind));
  frame += payload;
  PADDOCK_CHECK(send(connection, frame.data(), frame.size(), MSG_NOSIGNAL) ==
                static_cast<ssize_t>(frame.size()));
}

std::optional<Plain> Read(int connection) {
  std::array<unsigned char, 5> head{};
  if (recv(connection, head.data(), head.size(), MSG_WAITALL) !=
      static_cast<ssize_t>(head.size())) {
    return std::nullopt;
  }
  std::uint32_t length = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    length = length << kByteBits | head.at(i);
  }
  std::string payload(length - 1, '\0');
  if (recv(connection, payload.data(), payload.size(), MSG_WAITALL) !=
      static_cast<ssize_t>(payload.size())) {
    return std::nullopt;
  }
  return Plain{.kind = static_cast<FrameKind>(head.back()), .payload = std::move(payload)};
}

}  // namespace

FakeSqlRunner::FakeSqlRunner() : listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = socket();
  PADDOCK_CHECK(path.size() < sizeof address.sun_path);
  std::memcpy(address.sun_path, path.data(), path.size());
  PADDOCK_CHECK(bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address),  // NOLINT
                     sizeof address) == 0);
  PADDOCK_CHECK(listen(listener_.get(), SOMAXCONN) == 0);
  thread_ = std::jthread([this] { Serve(); });
}

FakeSqlRunner::~FakeSqlRunner() {
  shutdown(listener_.get(), SHUT_RDWR);
  thread_.join();
  for (const UniqueFd& connection : connections_) {
    shutdown(connection.get(), SHUT_RDWR);
  }
}

bool FakeSqlRunner::AwaitEnded(std::size_t count) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kEndTimeMax, [&] { return ended_count_ >= count; });
}

std::vector<sqlrunner::ExternalAddress> FakeSqlRunner::given() {
  const std::scoped_lock lock(mutex_);
  return given_;
}

void FakeSqlRunner::Serve() {
  for (;;) {
    UniqueFd connection(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!connection) {
      return;
    }
    conversations_.emplace_back([this, fd = connection.get()] { Converse(fd); });
    connections_.push_back(std::move(connection));
  }
}

void FakeSqlRunner::Converse(int connection) {
  const auto open = Read(connection);
  if (!open) {
    return;
  }
  const std::string name(boost::json::parse(open->payload).at("external").as_string());
  Write(connection, FrameKind::kDial, fmt::format(R"({{"number":1,"external":"{}"}})", name));
  const auto answered = Read(connection);
  const auto answer = answered ? sqlrunner::DecodeDialAnswer(answered->payload)
                               : Result<sqlrunner::DialAnswer>(Fail(Code::kUnavailable, "gone"));
  PADDOCK_CHECK(answer && answer->address);
  {
    const std::scoped_lock lock(mutex_);
    given_.push_back(*answer->address);
  }
  Write(connection, FrameKind::kText, answer->address->password == "wrong" ? kFailed : kOpened);
  while (Read(connection)) {
  }
  const std::scoped_lock lock(mutex_);
  ++ended_count_;
  changed_.notify_all();
}

}  // namespace paddock::gateway::testing
