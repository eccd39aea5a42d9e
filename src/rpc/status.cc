#include "rpc/status.h"

#include <algorithm>
#include <array>

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
  return {status, error.message};
}

Error FromStatus(const grpc::Status& status) {
  const auto* row = std::ranges::find(kTable, status.error_code(), &Row::status);
  const Code code = row == kTable.end() ? Code::kInternal : row->code;
  return Error{.code = code, .message = status.error_message()};
}

}  // namespace paddock::rpc
