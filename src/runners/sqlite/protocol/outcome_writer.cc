#include "runners/sqlite/protocol/outcome_writer.h"

#include <algorithm>

#include "protocol/wire.h"
#include "runners/sqlite/protocol/layout.h"
#include "runners/sqlite/protocol/messages.h"

namespace paddock::runners::sqlite {
namespace {

using challenges::LimitHit;
using protocol::Put;

}  // namespace

OutcomeWriter::OutcomeWriter(std::string& out, const challenges::RunLimits& limits)
    : out_(out),
      limits_(limits),
      frame_at_(out.size()),
      rows_left_(limits.rows),
      bytes_left_(limits.bytes) {
  Restart();
}

void OutcomeWriter::Restart() {
  out_.resize(frame_at_);
  Put(out_, std::uint32_t{0});  // the frame's size, by Finish
  Put(out_, static_cast<std::uint8_t>(AnswerKind::kOutcome));
  checks_at_ = 0;
  result_count_ = 0;
  check_count_ = 0;
  rows_left_ = limits_.rows;
  bytes_left_ = limits_.bytes;
}

void OutcomeWriter::BeginChecks() {
  checks_at_ = out_.size();
  rows_left_ = limits_.rows;
  bytes_left_ = limits_.bytes;
}

LimitHit OutcomeWriter::BeginResult(std::span<const sql::Column> columns) {
  if (checks_at_ == 0 && result_count_ == limits_.results) {
    return LimitHit::kResults;
  }
  std::size_t bytes = 0;
  for (const sql::Column& column : columns) {
    bytes += kCellOverheadBytes + column.name.size() + column.type.size();
  }
  if (bytes > bytes_left_) {
    return LimitHit::kBytes;
  }
  bytes_left_ -= bytes;
  ++(checks_at_ == 0 ? result_count_ : check_count_);
  Put(out_, kResultMark);
  Put(out_, static_cast<std::uint16_t>(columns.size()));
  for (const sql::Column& column : columns) {
    PutLongText(out_, column.name);
    PutLongText(out_, column.type);
  }
  rows_at_ = out_.size();
  row_count_ = 0;
  Put(out_, row_count_);
  return LimitHit::kNone;
}

LimitHit OutcomeWriter::BeginRow() {
  if (rows_left_ == 0) {
    return LimitHit::kRows;
  }
  --rows_left_;
  row_at_ = out_.size();
  Patch(rows_at_, ++row_count_);
  return LimitHit::kNone;
}

LimitHit OutcomeWriter::AddCell(sql::CellType type, std::string_view text) {
  const std::size_t bytes = kCellOverheadBytes + text.size();
  if (text.size() > limits_.cell_bytes || bytes > bytes_left_) {
    TakeRowBack();
    return text.size() > limits_.cell_bytes ? LimitHit::kCell : LimitHit::kBytes;
  }
  bytes_left_ -= bytes;
  Put(out_, static_cast<std::uint8_t>(type));
  if (type != sql::CellType::kNull) {
    PutLongText(out_, text);
  }
  return LimitHit::kNone;
}

void OutcomeWriter::Finish(const challenges::RunOutcome& summary) {
  if (!summary.is_whole() && checks_at_ != 0) {
    out_.resize(checks_at_);
    check_count_ = 0;
  }
  Put(out_, kSummaryMark);
  Put(out_, result_count_);
  Put(out_, check_count_);
  Put(out_, static_cast<std::uint8_t>(summary.limit));
  Put(out_, static_cast<std::uint8_t>(summary.deterministic));
  Put(out_, static_cast<std::uint8_t>(summary.changed_data));
  Put(out_, static_cast<std::uint64_t>(summary.time.count()));
  Put(out_, static_cast<std::uint8_t>(summary.error.has_value()));
  if (summary.error) {
    PutLongText(out_, summary.error->code);
    PutLongText(out_, summary.error->message);
    PutLongText(out_, summary.error->detail);
    PutLongText(out_, summary.error->hint);
    const std::size_t position = summary.error->position.value_or(kNoPosition);
    Put(out_, static_cast<std::uint32_t>(std::min<std::size_t>(position, kNoPosition)));
  }
  Patch(frame_at_, static_cast<std::uint32_t>(out_.size() - frame_at_ - kFrameHeaderBytes));
}

void OutcomeWriter::Patch(std::size_t at, std::uint32_t value) {
  protocol::Store(out_.data() + at, value);
}

void OutcomeWriter::TakeRowBack() {
  out_.resize(row_at_);
  Patch(rows_at_, --row_count_);
}

}  // namespace paddock::runners::sqlite
