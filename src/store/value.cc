#include "store/value.h"

#include <utility>

namespace paddock::store {
namespace {

std::int64_t Milliseconds(SystemTime time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

// The clock counts finer than the database: a number that is nobody's time would overflow it.
bool IsTime(std::int64_t milliseconds) {
  constexpr auto kLimit =
      std::chrono::duration_cast<std::chrono::milliseconds>(SystemTime::duration::max()).count();
  return milliseconds >= -kLimit && milliseconds <= kLimit;
}

SystemTime ToTime(std::int64_t milliseconds) {
  return SystemTime(std::chrono::milliseconds(milliseconds));
}

}  // namespace

Value ToValue(SystemTime time) { return Milliseconds(time); }

Value ToValue(std::optional<SystemTime> time) { return time ? ToValue(*time) : Value(); }

Value ToValue(std::optional<std::string> text) { return text ? Value(*std::move(text)) : Value(); }

const Value* RowReader::Next() {
  if (next_ == row_.size()) {
    fault_ = true;
    return nullptr;
  }
  return &row_[next_++];
}

template <class T>
std::optional<T> RowReader::Take(bool optional) {
  const Value* value = Next();
  if (value == nullptr) {
    return std::nullopt;
  }
  if (const T* found = std::get_if<T>(value)) {
    return *found;
  }
  const bool is_null = std::holds_alternative<std::monostate>(*value);
  fault_ = fault_ || !is_null || !optional;
  return std::nullopt;
}

std::string RowReader::Text() { return Take<std::string>(false).value_or(std::string()); }
std::optional<std::string> RowReader::OptionalText() { return Take<std::string>(true); }
std::int64_t RowReader::Integer() { return Take<std::int64_t>(false).value_or(0); }
std::optional<std::int64_t> RowReader::OptionalInteger() { return Take<std::int64_t>(true); }

bool RowReader::Truth() {
  const std::int64_t number = Integer();
  fault_ = fault_ || (number != 0 && number != 1);
  return number == 1;
}

SystemTime RowReader::Time() {
  const std::int64_t number = Integer();
  fault_ = fault_ || !IsTime(number);
  return fault_ ? SystemTime() : ToTime(number);
}

std::optional<SystemTime> RowReader::OptionalTime() {
  const auto number = OptionalInteger();
  fault_ = fault_ || (number && !IsTime(*number));
  return number && !fault_ ? std::optional(ToTime(*number)) : std::nullopt;
}

std::string RowReader::Blob() { return Take<Bytes>(false).value_or(Bytes()).bytes; }

Result<void> RowReader::Finish() const {
  if (fault_ || next_ != row_.size()) {
    return Fail(Code::kInternal, "the database returned a row of another form than was asked for");
  }
  return {};
}

}  // namespace paddock::store
