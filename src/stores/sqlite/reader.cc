#include "stores/sqlite/reader.h"

#include <utility>
#include <vector>

namespace paddock::stores::sqlite {
namespace {

Outcome Answer(Connection& connection, const Call& call) {
  if (auto reason = WhyNot(call)) {
    return Fail(*std::move(reason));
  }
  connection.SetWatch(&call.watch);
  auto rows = connection.Run(call.statements.front());
  connection.SetWatch(nullptr);
  if (!rows) {
    return Fail(std::move(rows).error());
  }
  std::vector<store::Rows> results;
  results.push_back(*std::move(rows));
  return results;
}

}  // namespace

void Serve(Connection& connection, CallQueue& queue, const boost::asio::any_io_executor& executor) {
  for (;;) {
    auto calls = queue.Pop(1);
    if (calls.empty()) {
      return;
    }
    std::vector<Finished> finished;
    auto outcome = Answer(connection, *calls.front());
    finished.push_back({.call = std::move(calls.front()), .outcome = std::move(outcome)});
    calls.clear();
    Deliver(executor, std::move(finished));
  }
}

}  // namespace paddock::stores::sqlite
