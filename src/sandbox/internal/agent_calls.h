// The channels of AgentClient's calls: what each kind does with the data that comes.
//
// Used by the implementation of AgentClient only. Loop thread only.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/answers.h"
#include "sandbox/agent_client.h"
#include "sandbox/internal/agent_channel.h"

namespace paddock::sandbox::internal {

/// What a channel grants the agent, and so the most that it can make us hold.
inline constexpr std::uint32_t kReceiveCredit = 256U << 10U;

/// A call whose only answer is READY, RESULT or ERROR; it may send data.
class PlainChannel : public AgentChannel {
 public:
  PlainChannel(const Executor& executor, ChannelRules rules) : AgentChannel(executor, rules, 0) {}

 private:
  [[nodiscard]] Result<void> OnData(std::string_view bytes, bool is_error) override;
};

/// Collects an exec's output up to its limit and drops the rest.
class ExecChannel : public AgentChannel {
 public:
  ExecChannel(const Executor& executor, Bytes output_max);

  struct Output {
    std::string bytes;
    bool truncated = false;
  };
  [[nodiscard]] Output& stdout_output() noexcept { return stdout_; }
  [[nodiscard]] Output& stderr_output() noexcept { return stderr_; }

 private:
  [[nodiscard]] Result<void> OnData(std::string_view bytes, bool is_error) override;
  [[nodiscard]] bool TakesAtOnce() const override { return true; }

  std::uint64_t bytes_max_;
  Output stdout_;
  Output stderr_;
};

/// What one listing may keep of names and link targets: 10,000 entries could be 43 MB of them.
inline constexpr std::size_t kListingBytesMax = 1U << 20U;

[[nodiscard]] std::size_t TextBytes(const protocol::FileRecord& record);
[[nodiscard]] std::size_t TextBytes(const protocol::TerminalRecord& record);

/// Collects whole records, at most `count_max` of them and kListingBytesMax of their texts.
template <class Record>
class RecordChannel : public AgentChannel {
 public:
  using Decode = Result<std::vector<Record>> (*)(std::string_view);

  RecordChannel(const Executor& executor, Decode decode, std::size_t count_max)
      : AgentChannel(executor, {.data = true}, kReceiveCredit),
        decode_(decode),
        count_left_(count_max) {}

  [[nodiscard]] std::vector<Record>& records() noexcept { return records_; }
  /// Whether some were dropped, because their texts were too much.
  [[nodiscard]] bool was_cut() const noexcept { return was_cut_; }

 private:
  [[nodiscard]] Result<void> OnData(std::string_view bytes, bool /*is_error*/) override {
    auto decoded = decode_(bytes);
    if (!decoded) {
      return Fail(std::move(decoded).error());
    }
    if (decoded->size() > count_left_) {
      return Fail(Code::kInvalid, "more records than were asked for");
    }
    count_left_ -= decoded->size();
    for (auto& record : *decoded) {
      text_bytes_ += TextBytes(record);
      was_cut_ = was_cut_ || text_bytes_ > kListingBytesMax;
      if (!was_cut_) {
        records_.push_back(std::move(record));
      }
    }
    return {};
  }
  [[nodiscard]] bool TakesAtOnce() const override { return true; }

  Decode decode_;
  std::size_t count_left_;
  std::size_t text_bytes_ = 0;
  bool was_cut_ = false;
  std::vector<Record> records_;
};

/// Holds bytes until they are read; the credit bounds them.
class BytesChannel : public AgentChannel {
 public:
  explicit BytesChannel(const Executor& executor)
      : AgentChannel(executor, {.ready = true, .data = true}, kReceiveCredit) {}

  [[nodiscard]] std::string Take() { return std::exchange(inbox_, {}); }
  [[nodiscard]] bool empty() const noexcept { return inbox_.empty(); }

 private:
  [[nodiscard]] Result<void> OnData(std::string_view bytes, bool /*is_error*/) override {
    inbox_.append(bytes);
    return {};
  }

  std::string inbox_;
};

/// Holds a terminal's messages, checked for form, until they are received.
class ViewerChannel : public AgentChannel {
 public:
  explicit ViewerChannel(const Executor& executor)
      : AgentChannel(executor, {.ready = true, .data = true, .takes_data = true}, kReceiveCredit) {}

  [[nodiscard]] bool empty() const noexcept { return inbox_.empty(); }
  [[nodiscard]] std::string Take() {
    auto message = std::move(inbox_.front());
    inbox_.pop_front();
    return message;
  }

 private:
  [[nodiscard]] Result<void> OnData(std::string_view bytes, bool is_error) override;

  std::deque<std::string> inbox_;
};

/// The readers and writers that AgentClient hands out. Each has had its READY.
[[nodiscard]] std::unique_ptr<ByteReader> MakeByteReader(ChannelHandle handle,
                                                         std::uint64_t bytes_max);
[[nodiscard]] std::unique_ptr<ByteWriter> MakeByteWriter(ChannelHandle handle);
[[nodiscard]] std::unique_ptr<TerminalChannel> MakeTerminalChannel(ChannelHandle handle);

}  // namespace paddock::sandbox::internal
