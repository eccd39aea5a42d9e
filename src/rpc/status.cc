#include "rpc/status.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <string>
#include <utility>

namespace paddock::rpc {
namespace {

struct Row {
  Code code;
  grpc::StatusCode status;
};

constexpr auto kTable = std::to_array<Row>({
    {Code::kInvalid, grpc::StatusCode::INVALID_ARGUMENT},
    {Code::kNotFound, grpc::StatusCode::NOT_FOUND},
    {Code::kConflict, grpc::StatusCode::FAILED_PRECONDITION},
    {Code::kDenied, grpc::StatusCode::PERMISSION_DENIED},
    {Code::kExhausted, grpc::StatusCode::RESOURCE_EXHAUSTED},
    {Code::kDeadlineExceeded, grpc::StatusCode::DEADLINE_EXCEEDED},
    {Code::kCancelled, grpc::StatusCode::CANCELLED},
    {Code::kUnavailable, grpc::StatusCode::UNAVAILABLE},
    {Code::kInternal, grpc::StatusCode::INTERNAL},
    {Code::kDiskFull,
     grpc::StatusCode::OUT_OF_RANGE},  // what was written ends behind the disk's end
});

}  // namespace

grpc::Status ToStatus(const Error& error) {
  const auto* row = std::ranges::find(kTable, error.code, &Row::code);
  const auto status = row == kTable.end() ? grpc::StatusCode::INTERNAL : row->status;
  // How much of the message is context, which the other side adds to, goes along as a detail.
  return {status, error.message,
          error.context_size == 0 ? std::string() : std::to_string(error.context_size)};
}

Error FromStatus(const grpc::Status& status) {
  const auto* row = std::ranges::find(kTable, status.error_code(), &Row::status);
  const Code code = row == kTable.end() ? Code::kInternal : row->code;
  const std::string detail = status.error_details();
  std::size_t context_size = 0;
  std::from_chars(detail.data(), detail.data() + detail.size(), context_size);
  std::string message = status.error_message();
  if (context_size >= message.size()) {
    context_size = 0;  // then it is no length of context
  }
  return Error{.code = code, .message = std::move(message), .context_size = context_size};
}

}  // namespace paddock::rpc
