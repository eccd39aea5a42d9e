#include "gateway/body_reader.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/check.h"

namespace paddock::gateway {

void BodyReader::Reset(const RequestHead& head, std::string_view leftover) {
  leftover_ = leftover;
  surplus_.clear();
  chunks_.reset();
  if (head.chunked) {
    chunks_.emplace();
  }
  remaining_ = head.content_length.value_or(0);
  bytes_max_ = 0;
  bytes_read_ = 0;
  has_body_ = head.chunked || remaining_ > 0;
  done_ = !has_body_;
  continue_pending_ = has_body_ && head.expects_continue;
  waiting_ = false;
  failure_status_ = 0;
}

std::unexpected<Error> BodyReader::Refuse(int status, Code code, std::string message) {
  failure_status_ = status;
  return Fail(code, std::move(message));
}

aio::Task<Result<void>> BodyReader::SendContinue() {
  continue_pending_ = false;
  std::array<iovec, 1> pieces{Piece("HTTP/1.1 100 Continue\r\n\r\n")};
  auto written = co_await transport_.Write(pieces);
  co_return written;
}

Result<void> BodyReader::Take(std::string_view bytes, std::string& out) {
  if (chunks_) {
    auto used = chunks_->Decode(bytes, out);
    if (!used) {
      failure_status_ = 400;
      return Fail(std::move(used).error());
    }
    bytes.remove_prefix(*used);
    done_ = chunks_->done();
  } else {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, bytes.size()));
    out.append(bytes.substr(0, count));
    bytes.remove_prefix(count);
    remaining_ -= count;
    done_ = remaining_ == 0;
  }
  surplus_.append(bytes);
  return {};
}

aio::Task<Result<std::string>> BodyReader::Read(Deadline deadline) {
  std::string out;
  while (!done_ && out.empty()) {
    if (failure_status_ != 0) {
      co_return Fail(Code::kInvalid, "the body could not be read");
    }
    if (remaining_ > bytes_max_) {
      co_return Refuse(413, Code::kInvalid,
                       fmt::format("the body may have at most {} bytes", bytes_max_));
    }
    if (deadline.Passed()) {
      co_return Refuse(408, Code::kDeadlineExceeded, "the body came too slowly");
    }
    if (!leftover_.empty()) {
      auto taken = Take(std::exchange(leftover_, {}), out);
      if (!taken) {
        co_return Fail(std::move(taken).error());
      }
      continue;
    }
    auto received = co_await Receive(out);
    if (!received) {
      co_return Fail(std::move(received).error());
    }
  }
  bytes_read_ += out.size();
  if (bytes_read_ > bytes_max_) {
    co_return Refuse(413, Code::kInvalid,
                     fmt::format("the body may have at most {} bytes", bytes_max_));
  }
  co_return out;
}

// What the peer sends next goes to `out`, which outlives the task.
aio::Task<Result<void>> BodyReader::Receive(std::string& out) {
  if (continue_pending_) {
    auto told = co_await SendContinue();
    if (!told) {
      co_return Fail(std::move(told).error());
    }
  }
  waiting_ = true;
  auto read = co_await transport_.Read(context_.scratch);
  waiting_ = false;
  if (!read && failure_status_ != 0) {
    co_return Fail(Code::kDeadlineExceeded, "the body came too slowly");
  }
  if (!read) {
    co_return Fail(std::move(read).error());
  }
  if (*read == 0) {
    co_return Refuse(400, Code::kCancelled, "the connection ended inside the body");
  }
  co_return Take(std::string_view(context_.scratch.data(), *read), out);
}

std::optional<std::string> BodyReader::TakeWhole(BodyBudget::Hold& hold) {
  const bool is_here = !done_ && failure_status_ == 0 && !chunks_ &&
                       remaining_ <= std::min<std::uint64_t>(leftover_.size(), bytes_max_);
  if (!is_here || !hold.Grow(context_.bodies, static_cast<std::size_t>(remaining_))) {
    return std::nullopt;
  }
  std::string body;
  bytes_read_ = remaining_;
  PADDOCK_CHECK(Take(std::exchange(leftover_, {}), body).has_value());
  return body;
}

aio::Task<Result<std::string>> BodyReader::ReadAll(BodyBudget::Hold& hold, Deadline deadline) {
  std::string body;
  while (!done_) {
    auto piece = co_await Read(deadline);
    if (!piece) {
      co_return Fail(std::move(piece).error());
    }
    if (!hold.Grow(context_.bodies, piece->size())) {
      co_return Refuse(503, Code::kUnavailable, "too many bodies are being read");
    }
    if (body.empty()) {
      body = *std::move(piece);
    } else {
      body += *piece;
    }
  }
  co_return body;
}

std::string BodyReader::TakeSurplus() {
  surplus_.insert(0, leftover_);
  leftover_ = {};
  return std::exchange(surplus_, {});
}

}  // namespace paddock::gateway
