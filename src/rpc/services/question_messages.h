// The nouns of the question service, to and from protobuf. Threading: pure.
#pragma once

#include "playground/services.h"
#include "questionmanager/v1/model.pb.h"

namespace paddock::rpc {

void Fill(const playground::SchemaSummary& schema, questionmanager::v1::Schema& out);
[[nodiscard]] playground::SchemaSummary SchemaOf(const questionmanager::v1::Schema& message);

void Fill(const playground::QuestionSummary& question, questionmanager::v1::Question& out);
[[nodiscard]] playground::QuestionSummary QuestionOf(const questionmanager::v1::Question& message);

}  // namespace paddock::rpc
