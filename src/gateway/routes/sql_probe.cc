#include "gateway/routes/sql_probe.h"

#include <string_view>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace paddock::gateway {
namespace {

namespace json = boost::json;
using sqlrunner::Frame;
using sqlrunner::FrameKind;

constexpr std::string_view kOpen = R"({"type":"open","id":1,"external":"probe"})";
constexpr std::size_t kDepthMax = 4;
constexpr std::size_t kMessageMax = std::size_t{64} * 1024;
constexpr std::size_t kFramesMax = 64;  // of a runner that says nothing of use

std::unexpected<Error> NoAnswer() {
  return Fail(Code::kUnavailable, "the SQL runner did not answer a probe");
}

std::string TextOf(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

/// Nothing for messages that do not answer the question.
std::optional<Result<ProbeOutcome>> ReadAnswer(std::string_view text) {
  json::parse_options options;
  options.max_depth = kDepthMax;
  boost::system::error_code failure;
  const json::value document =
      text.size() > kMessageMax ? json::value() : json::parse(text, failure, {}, options);
  if (failure || !document.is_object()) {
    return NoAnswer();
  }
  const json::object& object = document.get_object();
  const std::string type = TextOf(object, "type");
  if (type == "opened") {
    return ProbeOutcome{.version = TextOf(object, "version"), .user = TextOf(object, "user")};
  }
  if (type == "failed" || type == "closed") {
    return Fail(Code::kInvalid, TextOf(object, "message"));
  }
  return std::nullopt;
}

}  // namespace

SqlProbe::SqlProbe(const boost::asio::any_io_executor& executor,
                   UniqueFd runner,
                   sqlrunner::ExternalAddress address)
    : runner_(executor, std::move(runner)), address_(std::move(address)), scope_(executor) {}

aio::Task<Result<ProbeOutcome>> SqlProbe::Run(Deadline deadline) {
  scope_.Spawn(Converse());
  while (!outcome_) {
    auto woken = co_await changed_.Wait(deadline);
    if (!woken && !outcome_) {
      outcome_ = woken.error().code == Code::kCancelled
                     ? Result<ProbeOutcome>(Fail(std::move(woken).error()))
                     : Fail(Code::kInvalid, "the database did not answer in time");
    }
  }
  runner_.Close();
  co_await scope_.Join();
  co_return *std::move(outcome_);
}

aio::Task<void> SqlProbe::Converse() {
  auto outcome = co_await Ask();
  if (!outcome_) {
    outcome_ = std::move(outcome);
  }
  changed_.NotifyAll();
}

aio::Task<Result<ProbeOutcome>> SqlProbe::Ask() {
  auto sent = co_await runner_.Send(FrameKind::kText, kOpen);
  for (std::size_t count = 0; sent && count < kFramesMax; ++count) {
    auto frame = co_await runner_.Receive();
    if (!frame) {
      break;
    }
    if (frame->kind == FrameKind::kDial) {
      sent = co_await Answer(std::move(frame->payload));
    } else if (frame->kind == FrameKind::kText) {
      auto answer = ReadAnswer(frame->payload);
      if (answer) {
        co_return *std::move(answer);
      }
    }
  }
  co_return NoAnswer();
}

aio::Task<Result<void>> SqlProbe::Answer(std::string payload) {
  auto request = sqlrunner::DecodeDialRequest(payload);
  if (!request) {
    co_return NoAnswer();
  }
  const sqlrunner::DialAnswer answer{
      .number = request->number, .refusal = std::nullopt, .address = address_};
  const std::string text = sqlrunner::EncodeDialAnswer(answer);
  auto sent = co_await runner_.Send(FrameKind::kDialled, text);
  co_return sent;
}

}  // namespace paddock::gateway
