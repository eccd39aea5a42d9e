// Line: what a channel says on its connection, and the credit of both ways.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "agent/channel.h"
#include "agent/connection.h"
#include "base/check.h"

namespace paddock::agent {

namespace {

using protocol::FrameType;

// Credit goes back in steps of this, so that small data does not cost a frame each.
// What is owed below a step must leave room for the largest frame, or both sides would wait.
constexpr std::size_t kCreditStep = protocol::kAgentCreditInitial / 4;
static_assert(protocol::kAgentCreditInitial - kCreditStep >= protocol::kPayloadBytesMax);

}  // namespace

std::size_t Line::room() const {
  const auto space = static_cast<std::uint64_t>(connection_.outbox_room());
  return static_cast<std::size_t>(
      std::min({send_credit_, space, std::uint64_t{protocol::kPayloadBytesMax}}));
}

void Line::Send(FrameType type, std::string_view bytes) {
  PADDOCK_CHECK(!finished_ && bytes.size() <= send_credit_);
  send_credit_ -= bytes.size();
  protocol::AppendFrame(connection_.outbox(), id_, type, bytes);
  connection_.Wrote();
}

std::ptrdiff_t Line::SendFilled(FrameType type,
                                std::size_t size_max,
                                const std::function<std::ptrdiff_t(char*, std::size_t)>& fill) {
  auto& outbox = connection_.outbox();
  const auto start = outbox.size();
  const auto body = start + protocol::kFrameHeaderBytes;
  std::ptrdiff_t filled = 0;
  outbox.resize_and_overwrite(body + size_max, [&](char* bytes, std::size_t) {
    filled = fill(bytes + body, size_max);
    return filled > 0 ? body + static_cast<std::size_t>(filled) : start;
  });
  if (filled > 0) {
    const auto count = static_cast<std::size_t>(filled);
    PADDOCK_CHECK(!finished_ && count <= send_credit_);
    send_credit_ -= count;
    protocol::StoreFrameHeader(std::span<char, protocol::kFrameHeaderBytes>(
                                   outbox.data() + start, protocol::kFrameHeaderBytes),
                               id_, type, count);
    connection_.Wrote();
  }
  return filled;
}

void Line::SendEnd() {
  protocol::AppendDataEnd(connection_.outbox(), id_);
  connection_.Wrote();
}

void Line::SendReady() {
  protocol::AppendEmpty(connection_.outbox(), id_, FrameType::kReady);
  connection_.Wrote();
}

void Line::SendFrame(std::string_view frame) {
  PADDOCK_CHECK(!finished_);
  connection_.outbox().append(frame);
  connection_.Wrote();
}

void Line::GiveCredit(std::size_t count) {
  credit_owed_ += count;
  if (credit_owed_ >= kCreditStep && !client_ended_ && !finished_ && !connection_.gone_) {
    protocol::AppendWindow(connection_.outbox(), id_, static_cast<std::uint32_t>(credit_owed_));
    receive_credit_ += credit_owed_;
    credit_owed_ = 0;
    connection_.Wrote();
  }
}

void Line::Finish() {
  if (!finished_) {
    protocol::AppendEmpty(connection_.outbox(), id_, FrameType::kResult);
    End();
  }
}

void Line::FinishWith(std::string_view frame) {
  if (!finished_) {
    connection_.outbox().append(frame);
    End();
  }
}

void Line::FinishWith(const Error& error) {
  if (!finished_) {
    protocol::AppendError(connection_.outbox(), id_, error);
    End();
  }
}

UniqueFd Line::TakeSocket() { return connection_.TakeSocket(); }

void Line::Release() { connection_.Release(); }

void Line::End() {
  finished_ = true;
  connection_.Wrote();
  connection_.Drop(id_);
}

}  // namespace paddock::agent
