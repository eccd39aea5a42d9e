#include "rpc/services/question_messages.h"

#include <chrono>
#include <optional>
#include <string>

namespace paddock::rpc {
namespace v1 = questionmanager::v1;

namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

void Fill(playground::Time time, google::protobuf::Timestamp& out) {
  const auto since = time.time_since_epoch();
  const auto whole = std::chrono::floor<seconds>(since);
  out.set_seconds(whole.count());
  out.set_nanos(static_cast<int>(std::chrono::duration_cast<nanoseconds>(since - whole).count()));
}

playground::Time TimeOf(const google::protobuf::Timestamp& message) {
  const auto since = seconds(message.seconds()) + nanoseconds(message.nanos());
  return playground::Time(std::chrono::duration_cast<playground::Time::duration>(since));
}

}  // namespace

void Fill(const playground::SchemaSummary& schema, v1::Schema& out) {
  out.set_id(schema.id);
  if (schema.picture) {
    out.set_picture(*schema.picture);
  }
  out.set_description(schema.description);
  Fill(schema.created_at, *out.mutable_created_at());
  Fill(schema.updated_at, *out.mutable_updated_at());
}

playground::SchemaSummary SchemaOf(const v1::Schema& message) {
  return {.id = message.id(),
          .picture = message.has_picture() ? std::optional(message.picture()) : std::nullopt,
          .description = message.description(),
          .created_at = TimeOf(message.created_at()),
          .updated_at = TimeOf(message.updated_at())};
}

void Fill(const playground::QuestionSummary& question, v1::Question& out) {
  out.set_id(question.id);
  out.set_schema_id(question.schema_id);
  out.set_type(question.type);
  out.set_difficulty(static_cast<v1::Difficulty>(question.difficulty));
  out.set_title(question.title);
  out.set_description(question.description);
  Fill(question.created_at, *out.mutable_created_at());
  Fill(question.updated_at, *out.mutable_updated_at());
}

playground::QuestionSummary QuestionOf(const v1::Question& message) {
  const bool is_known = v1::Difficulty_IsValid(message.difficulty());
  return {.id = message.id(),
          .schema_id = message.schema_id(),
          .type = message.type(),
          .difficulty = is_known ? static_cast<playground::Difficulty>(message.difficulty())
                                 : playground::Difficulty::kUnspecified,
          .title = message.title(),
          .description = message.description(),
          .created_at = TimeOf(message.created_at()),
          .updated_at = TimeOf(message.updated_at())};
}

}  // namespace paddock::rpc
