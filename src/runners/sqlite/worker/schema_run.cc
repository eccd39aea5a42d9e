#include "runners/sqlite/worker/schema_run.h"

#include <limits>
#include <optional>
#include <utility>

#include "runners/sqlite/worker/clock_watch.h"
#include "runners/sqlite/worker/heap.h"
#include "runners/sqlite/worker/text_run.h"

namespace paddock::runners::sqlite {
namespace {

class SchemaRun {
 public:
  SchemaRun(Connection& connection, Ground ground, const Request& request, OutcomeWriter& writer)
      : connection_(connection), ground_(ground), request_(request), writer_(writer) {
    connection.guard().Reset();
    connection.SetShims(request.shims);
    // A value may be read to be refused by the limit, so SQLite has the same one.
    connection.SetLengths(request.limits.cell_bytes, kQueryBytesMax);
    ClockWatch::Reset();
  }

  TextEnd Run() {
    const HeapLimit heap(kRunHeapBytes);
    auto end = RunText(request_.query, std::numeric_limits<std::size_t>::max());
    if (!end.is_whole() || request_.checks.empty()) {
      return end;
    }
    // What was not committed is not left. In the shared database the transaction is ours.
    if (ground_ == Ground::kCopy && connection_.in_transaction()) {
      (void)connection_.RollBack();
    }
    writer_.BeginChecks();
    for (const std::string_view check : request_.checks) {
      Absorb(end, RunText(check, 1));
      if (!end.is_whole()) {
        break;
      }
    }
    return end;
  }

 private:
  TextEnd RunText(std::string_view text, std::size_t results_max) {
    return TextRun(connection_, ground_, &writer_).Run(text, results_max);
  }

  static void Absorb(TextEnd& end, TextEnd check) {
    if (check.is_whole() && check.result_count == 0) {
      check.error =
          sql::StatementError{.code = "SQLITE_ERROR", .message = "the check has no result"};
    }
    if (check.error) {
      check.error->detail = "This is about the data that the statements left.";
      check.error->position.reset();
    }
    end.error = std::move(check.error);
    end.limit = check.limit;
    end.copy_wanted = check.copy_wanted;
    end.is_tainted = end.is_tainted || check.is_tainted;
  }

  Connection& connection_;
  Ground ground_;
  const Request& request_;
  OutcomeWriter& writer_;
};

void Summarize(challenges::RunOutcome& summary, Connection& connection, TextEnd end) {
  summary.error = std::move(end.error);
  summary.limit = end.limit;
  summary.changed_data = end.changed_data;
  summary.deterministic = connection.guard().deterministic() && !ClockWatch::was_asked();
}

// False when all must begin again on a copy.
bool RunShared(PreparedSchema& schema,
               const Request& request,
               OutcomeWriter& writer,
               challenges::RunOutcome& summary) {
  Connection& shared = schema.Shared();
  auto end = SchemaRun(shared, Ground::kShared, request, writer).Run();
  const bool clean = !end.is_tainted && (!shared.in_transaction() || shared.RollBack());
  const bool counts = !end.copy_wanted;
  Summarize(summary, shared, std::move(end));
  if (!clean) {
    schema.DropShared();
  }
  return counts;
}

}  // namespace

void RunRequestOn(PreparedSchema& schema,
                  const Request& request,
                  RunClock& clock,
                  std::string& out) {
  clock.Start(request.limits.time);
  challenges::RunOutcome summary;
  OutcomeWriter writer(out, request.limits);
  if (!RunShared(schema, request, writer, summary)) {
    writer.Restart();
    const auto copy = schema.Copy();
    auto end = SchemaRun(*copy, Ground::kCopy, request, writer).Run();
    Summarize(summary, *copy, std::move(end));
  }
  summary.deterministic = summary.deterministic && schema.deterministic();
  summary.time = clock.elapsed();
  writer.Finish(summary);
}

}  // namespace paddock::runners::sqlite
