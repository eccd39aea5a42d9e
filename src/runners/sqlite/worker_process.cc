#include "runners/sqlite/worker_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include "base/unique_fd.h"
#include "protocol/wire.h"
#include "runners/sqlite/protocol/messages.h"

namespace paddock::runners::sqlite {
namespace asio = boost::asio;

namespace {

constexpr std::size_t kKeptBytesMax = std::size_t{1} << 20U;
constexpr std::size_t kKnownMax = 10'000;
constexpr std::chrono::seconds kBurialTime{5};
constexpr int kNotExecuted = 127;

class WorkerBody final : public aio::ChildBody {
 public:
  WorkerBody(const std::vector<std::string>& command, int socket)
      : socket_(socket), parent_(getpid()), words_(command) {
    for (std::string& word : words_) {
      argv_.push_back(word.data());
    }
    argv_.push_back(nullptr);
  }

  int Run() noexcept override {
    const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (nothing < 0 || dup2(socket_, STDIN_FILENO) < 0 || dup2(nothing, STDOUT_FILENO) < 0 ||
        dup2(nothing, STDERR_FILENO) < 0) {
      return kNotExecuted;
    }
    close_range(STDERR_FILENO + 1, ~0U, 0);
    // It has no reason to outlive us, who may be gone already.
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent_) {
      return kNotExecuted;
    }
    std::array<char*, 1> environment{nullptr};
    execve(argv_.front(), argv_.data(), environment.data());
    return kNotExecuted;
  }

 private:
  int socket_;
  pid_t parent_;
  std::vector<std::string> words_;
  std::vector<char*> argv_;
};

std::unexpected<Error> Gone() { return Fail(Code::kUnavailable, "the worker is gone"); }

}  // namespace

Result<std::shared_ptr<WorkerProcess>> WorkerProcess::Spawn(
    asio::any_io_executor executor, const std::vector<std::string>& command) {
  std::array<int, 2> pair{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) {
    return Fail(Code::kExhausted, fmt::format("socketpair: {}", strerrordesc_np(errno)));
  }
  UniqueFd ours(pair[0]);
  const UniqueFd theirs(pair[1]);
  WorkerBody body(command, theirs.get());
  auto child = aio::Process::Fork(body);
  if (!child) {
    return Fail(std::move(child).error());
  }
  asio::local::stream_protocol::socket connected(executor);
  boost::system::error_code failure;
  connected.assign(asio::local::stream_protocol(), ours.get(), failure);
  if (failure) {
    return Fail(Code::kExhausted, failure.message());
  }
  (void)ours.Release();
  connected.non_blocking(true, failure);
  return std::make_shared<WorkerProcess>(std::move(connected), *std::move(child));
}

Result<std::optional<std::string_view>> WorkerProcess::NextFrame() {
  const auto rest = std::string_view(received_).substr(taken_);
  const std::size_t size = rest.size() < kFrameHeaderBytes ? 0 : protocol::WireReader(rest).U32();
  if (size > kFrameBytesMax) {
    return Gone();
  }
  if (rest.size() < kFrameHeaderBytes + size) {
    received_.erase(0, std::exchange(taken_, 0));
    if (received_.empty() && received_.capacity() > kKeptBytesMax) {
      received_.shrink_to_fit();
    }
    return std::nullopt;
  }
  taken_ += kFrameHeaderBytes + size;
  return rest.substr(kFrameHeaderBytes, size);
}

aio::Task<Result<void>> WorkerProcess::Read() {
  const auto space = asio::buffer(space_);
  const auto [failure, count] =
      co_await socket_.async_receive(space, asio::as_tuple(asio::use_awaitable));
  if (failure) {
    co_return Gone();
  }
  received_.append(space_.data(), count);
  co_return Result<void>();
}

bool WorkerProcess::Send() noexcept {
  boost::system::error_code failure;
  const std::size_t sent = socket_.send(asio::buffer(outgoing_), MSG_NOSIGNAL, failure);
  outgoing_.erase(0, sent);
  if (outgoing_.empty() && outgoing_.capacity() > kKeptBytesMax) {
    std::string().swap(outgoing_);
  }
  return !failure || failure == asio::error::would_block;
}

aio::Task<void> WorkerProcess::SendRest() {
  is_sending = true;
  while (!outgoing_.empty()) {
    sending_.clear();
    sending_.swap(outgoing_);
    const auto bytes = asio::buffer(sending_);
    const auto [failure, count] =
        co_await asio::async_write(socket_, bytes, asio::as_tuple(asio::use_awaitable));
    if (failure) {
      break;  // who reads finds out
    }
  }
  is_sending = false;
  std::string().swap(sending_);
}

void WorkerProcess::Kill() const noexcept { kill(process_.pid(), SIGKILL); }

aio::Task<void> WorkerProcess::Bury() {
  is_closed = true;
  boost::system::error_code failure;
  socket_.close(failure);
  [[maybe_unused]] const auto exit = co_await process_.Wait(Deadline::After(kBurialTime));
}

void WorkerProcess::Learn(const std::string& digest) {
  if (known_.size() >= kKnownMax) {
    known_.clear();  // scripts are sent once more, that is all
  }
  known_.insert(digest);
}

}  // namespace paddock::runners::sqlite
