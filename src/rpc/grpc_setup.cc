#include "rpc/grpc_setup.h"

#include <stdlib.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <grpc/support/log.h>

#include "base/log.h"

namespace paddock::rpc {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kPause{1};
constexpr std::size_t kTextMax = 500;

std::atomic<Clock::rep> next_at{0};
std::atomic<int> left_out{0};

void Take(gpr_log_func_args* args) {
  const auto now = Clock::now().time_since_epoch();
  auto due = next_at.load();
  if (args->severity < GPR_LOG_SEVERITY_ERROR) {
    return;
  }
  if (now.count() < due || !next_at.compare_exchange_strong(due, (now + kPause).count())) {
    ++left_out;
    return;
  }
  const auto text = std::string_view(args->message).substr(0, kTextMax);
  const auto more = std::to_string(left_out.exchange(0));
  log::Write(log::Level::kWarn, "gRPC reports a failure",
             {{.name = "reason", .value = text}, {.name = "left_out", .value = more}});
}

}  // namespace

void SetUpGrpc() {
  gpr_set_log_function(&Take);
  setenv("GRPC_DNS_RESOLVER", "native", 0);  // NOLINT: no thread exists yet
}

}  // namespace paddock::rpc
