#include "sqlrunner/server_messages.h"

#include <utility>

#include "base/json_writer.h"

namespace paddock::sqlrunner {
namespace {

constexpr int kPlanDepthMax = 100;  // deeper ones are cut: browsers have stacks too

std::string_view KindOf(sql::CellType type) {
  switch (type) {
    case sql::CellType::kInteger: return "integer";
    case sql::CellType::kReal: return "real";
    case sql::CellType::kDecimal: return "decimal";
    case sql::CellType::kBytes: return "bytes";
    case sql::CellType::kBoolean: return "boolean";
    case sql::CellType::kTime: return "time";
    case sql::CellType::kOther: return "other";
    case sql::CellType::kNull:
    case sql::CellType::kText: return "text";
  }
  return "other";
}

std::string_view NameOf(sql::TransactionState state) {
  switch (state) {
    case sql::TransactionState::kNone: return "none";
    case sql::TransactionState::kOpen: return "open";
    case sql::TransactionState::kFailed: return "failed";
  }
  return "none";
}

std::string_view NameOf(sql::Key::Kind kind) {
  switch (kind) {
    case sql::Key::Kind::kPrimary: return "primary";
    case sql::Key::Kind::kUnique: return "unique";
    case sql::Key::Kind::kForeign: return "foreign";
  }
  return "unique";
}

JsonWriter Begin(JsonName type, std::optional<RequestId> id) {
  JsonWriter out;
  out.BeginObject().Field("type", type.text());
  if (id) {
    out.Field("id", *id);
  }
  return out;
}

std::string End(JsonWriter out) {
  out.EndObject();
  return std::move(out).Take();
}

void WriteNumber(JsonWriter& out, JsonName name, const auto& number) {
  out.Key(name);
  if (!number) {
    out.Null();
  } else if constexpr (std::is_floating_point_v<std::decay_t<decltype(*number)>>) {
    out.Decimal(*number);
  } else {
    out.Integer(*number);
  }
}

void WriteTruncated(JsonWriter& out, std::string_view truncated) {
  if (truncated.empty()) {
    out.Field("truncated", false);
  } else {
    out.Field("truncated", truncated);
  }
}

void WriteTexts(JsonWriter& out, JsonName name, const std::vector<std::string>& texts) {
  out.Key(name).BeginArray();
  for (const std::string& text : texts) {
    out.Text(text);
  }
  out.EndArray();
}

void WriteKey(JsonWriter& out, const sql::Key& key) {
  out.BeginObject().Field("kind", NameOf(key.kind));
  WriteTexts(out, "columns", key.columns);
  if (key.kind == sql::Key::Kind::kForeign) {
    out.Field("to_schema", key.to_schema).Field("to_table", key.to_table);
    WriteTexts(out, "to_columns", key.to_columns);
  }
  out.EndObject();
}

void WriteTable(JsonWriter& out, const sql::CatalogTable& table) {
  out.BeginObject().Field("schema", table.schema).Field("name", table.name);
  out.Field("kind", table.kind).Key("columns").BeginArray();
  for (const sql::CatalogColumn& column : table.columns) {
    out.BeginObject().Field("name", column.name).Field("type", column.type);
    out.Field("nullable", column.nullable).Key("default");
    if (column.default_text.empty()) {
      out.Null();
    } else {
      out.Text(column.default_text);
    }
    out.Field("tag", column.is_tag).EndObject();
  }
  out.EndArray().Key("keys").BeginArray();
  for (const sql::Key& key : table.keys) {
    WriteKey(out, key);
  }
  out.EndArray();
  WriteTexts(out, "indexes", table.indexes);
  out.EndObject();
}

void WriteNode(JsonWriter& out, const sql::PlanNode& node, int depth) {
  out.BeginObject().Field("operation", node.operation).Field("object", node.object);
  WriteNumber(out, "cost", node.cost);
  WriteNumber(out, "rows", node.rows);
  WriteNumber(out, "actual_rows", node.actual_rows);
  WriteNumber(out, "actual_ms", node.actual_time);
  WriteNumber(out, "loops", node.loops);
  out.Key("details").BeginArray();
  for (const auto& [key, value] : node.details) {
    out.BeginArray().Text(key).Text(value).EndArray();
  }
  out.EndArray().Key("children").BeginArray();
  if (depth < kPlanDepthMax) {
    for (const sql::PlanNode& child : node.children) {
      WriteNode(out, child, depth + 1);
    }
  }
  out.EndArray().EndObject();
}

void WriteOptionalText(JsonWriter& out, JsonName name, std::string_view text) {
  if (!text.empty()) {
    out.Field(name, text);
  }
}

}  // namespace

std::string OpenedText(RequestId id, const OpenedSession& session) {
  JsonWriter out = Begin("opened", id);
  out.Field("engine", session.engine).Field("version", session.version);
  out.Field("database", session.database).Field("user", session.user);
  out.Field("transaction", NameOf(session.transaction)).Field("read_only", session.read_only);
  return End(std::move(out));
}

std::string StatementText(RequestId id, std::size_t index, std::size_t begin, std::size_t end) {
  JsonWriter out = Begin("statement", id);
  out.Field("index", index).Field("begin", begin).Field("end", end);
  return End(std::move(out));
}

std::string ColumnsText(RequestId id,
                        std::optional<ResultNumber> result,
                        const std::vector<sql::Column>& columns) {
  JsonWriter out = Begin("columns", id);
  WriteNumber(out, "result", result);
  out.Key("columns").BeginArray();
  for (const sql::Column& column : columns) {
    out.BeginObject().Field("name", column.name).Field("type", column.type);
    out.Field("kind", KindOf(column.cell_type)).EndObject();
  }
  out.EndArray();
  return End(std::move(out));
}

std::string RowsHead(RequestId id, std::optional<ResultNumber> result) {
  JsonWriter out = Begin("rows", id);
  WriteNumber(out, "result", result);
  out.Key("rows").BeginArray();
  return std::move(out).Take();
}

std::string ProgressText(RequestId id, ResultNumber result, std::uint64_t rows) {
  JsonWriter out = Begin("progress", id);
  out.Field("result", result).Field("rows", rows);
  return End(std::move(out));
}

std::string CompleteText(RequestId id, const CompletedResult& completed) {
  JsonWriter out = Begin("complete", id);
  WriteNumber(out, "result", completed.result);
  out.Field("tag", completed.tag);
  WriteNumber(out, "rows", completed.rows);
  WriteNumber(out, "affected", completed.affected);
  WriteTruncated(out, completed.truncated);
  out.Field("elapsed_us", completed.elapsed.count());
  return End(std::move(out));
}

std::string NoticeText(RequestId id, const sql::Notice& notice) {
  JsonWriter out = Begin("notice", id);
  out.Field("severity", notice.severity).Field("code", notice.code);
  out.Field("message", notice.message);
  return End(std::move(out));
}

std::string ErrorText(RequestId id,
                      std::size_t index,
                      const sql::StatementError& error,
                      std::size_t offset) {
  JsonWriter out = Begin("error", id);
  out.Field("index", index).Field("code", error.code).Field("message", error.message);
  WriteOptionalText(out, "detail", error.detail);
  WriteOptionalText(out, "hint", error.hint);
  if (error.position) {
    out.Field("position", offset + *error.position);
  }
  return End(std::move(out));
}

std::string DoneText(RequestId id,
                     sql::TransactionState transaction,
                     bool is_cancelled,
                     std::string_view truncated) {
  JsonWriter out = Begin("done", id);
  out.Field("transaction", NameOf(transaction)).Field("cancelled", is_cancelled);
  WriteTruncated(out, truncated);
  return End(std::move(out));
}

std::string WindowText(RequestId id,
                       const ViewMessage& view,
                       std::string_view rows,
                       std::uint64_t total,
                       bool is_complete) {
  JsonWriter out = Begin("window", id);
  out.Field("result", view.result).Field("offset", view.offset).Field("total", total);
  out.Field("complete", is_complete).Key("rows").BeginArray();
  std::string text = std::move(out).Take();
  text += rows;
  text += "]}";
  return text;
}

std::string ChunkText(RequestId id, std::string_view text) {
  JsonWriter out = Begin("chunk", id);
  out.Reserve(text.size()).Field("text", text);
  return End(std::move(out));
}

std::string CatalogText(RequestId id, const sql::Catalog& catalog) {
  JsonWriter out = Begin("catalog", id);
  out.Key("catalog").BeginObject().Field("database", catalog.database);
  WriteTexts(out, "databases", catalog.databases);
  out.Key("tables").BeginArray();
  for (const sql::CatalogTable& table : catalog.tables) {
    WriteTable(out, table);
  }
  out.EndArray();
  WriteTexts(out, "functions", catalog.functions);
  out.Field("truncated", catalog.truncated).EndObject();
  return End(std::move(out));
}

std::string CompletionsText(RequestId id, const Completions& completions) {
  JsonWriter out = Begin("completions", id);
  out.Field("from", completions.from).Key("items").BeginArray();
  for (const Completion& item : completions.items) {
    out.BeginObject().Field("label", item.label).Field("kind", item.kind);
    WriteOptionalText(out, "detail", item.detail);
    out.EndObject();
  }
  out.EndArray();
  return End(std::move(out));
}

std::string PlanText(RequestId id, const sql::Plan& plan) {
  JsonWriter out = Begin("plan", id);
  out.Key("plan").BeginObject().Field("analyzed", plan.analyzed);
  WriteNumber(out, "planning_ms", plan.planning_time);
  WriteNumber(out, "execution_ms", plan.execution_time);
  out.Field("text", plan.text).Key("root");
  WriteNode(out, plan.root, 0);
  out.EndObject();
  return End(std::move(out));
}

std::string FailedText(std::optional<RequestId> id, const Error& error) {
  JsonWriter out;
  out.BeginObject().Field("type", "failed");
  WriteNumber(out, "id", id);
  out.Field("code", Name(error.code)).Field("message", error.reason());
  return End(std::move(out));
}

std::string ClosedText(std::string_view reason, std::string_view message) {
  JsonWriter out = Begin("closed", std::nullopt);
  out.Field("reason", reason).Field("message", message);
  return End(std::move(out));
}

}  // namespace paddock::sqlrunner
