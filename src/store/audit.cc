#include "store/audit.h"

#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace paddock::store {
namespace {

/// At a character's end, so that what is left is still UTF-8.
std::string Cut(std::string_view text) {
  if (text.size() <= kAuditTextBytesMax) {
    return std::string(text);
  }
  std::size_t size = kAuditTextBytesMax;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) {
    --size;
  }
  return std::string(text.substr(0, size));
}

std::string DetailText(const std::map<std::string, std::string>& detail) {
  boost::json::object object;
  for (const auto& [name, value] : detail) {
    if (object.size() == kAuditDetailCountMax) {
      break;
    }
    object[Cut(name)] = Cut(value);
  }
  return boost::json::serialize(object);
}

/// What is no object of texts is shown as nothing: the entry itself is worth more.
std::map<std::string, std::string> ReadDetail(const std::string& text) {
  std::map<std::string, std::string> detail;
  boost::system::error_code failure;
  const auto value = boost::json::parse(text, failure);
  const auto* object = failure ? nullptr : value.if_object();
  if (object == nullptr) {
    return detail;
  }
  for (const auto& member : *object) {
    if (const auto* content = member.value().if_string(); content != nullptr) {
      detail.emplace(std::string(member.key()), std::string(*content));
    }
  }
  return detail;
}

Statement SelectAudit(const std::string& name_space, const AuditQuery& query) {
  Statement statement{.sql =
                          "SELECT a.id, a.at, a.actor_id, a.actor_name, a.acting_as_id, a.action, "
                          "a.subject_kind, a.subject_id, a.subject_name, a.address, a.detail, "
                          "u.display_name FROM audit a LEFT JOIN users u "
                          "ON u.namespace = a.namespace AND u.id = a.acting_as_id "
                          "WHERE a.namespace = ?",
                      .values = {name_space}};
  const auto add = [&statement](std::string_view condition, std::vector<Value> values) {
    statement.sql.append(" AND ").append(condition);
    std::ranges::move(values, std::back_inserter(statement.values));
  };
  if (query.actor_id) {
    add("(a.actor_id = ? OR a.acting_as_id = ?)", {*query.actor_id, *query.actor_id});
  }
  if (query.subject_id) {
    add("a.subject_id = ?", {*query.subject_id});
  }
  if (query.action) {
    add("a.action = ?", {*query.action});
  }
  if (query.until) {
    add("a.at <= ?", {ToValue(*query.until)});
  }
  if (query.before) {
    // Of an entry that has been pruned meanwhile there is nothing before.
    add("(a.at, a.id) < (SELECT b.at, b.id FROM audit b WHERE b.namespace = ? AND b.id = ?)",
        {name_space, *query.before});
  }
  statement.sql += " ORDER BY a.at DESC, a.id DESC LIMIT ?";
  statement.values.emplace_back(query.limit);
  return statement;
}

Result<AuditRow> ReadAuditRow(const Row& row) {
  RowReader reader(row);
  AuditRow read;
  AuditEntry& entry = read.entry;
  entry.id = reader.Text();
  entry.at = reader.Time();
  entry.actor_id = reader.Text();
  entry.actor_name = reader.Text();
  entry.acting_as_id = reader.OptionalText();
  entry.action = reader.Text();
  entry.subject_kind = reader.Text();
  entry.subject_id = reader.Text();
  entry.subject_name = reader.Text();
  entry.address = reader.Text();
  entry.detail = ReadDetail(reader.Text());
  read.acting_as_name = reader.OptionalText();
  auto whole = reader.Finish();
  if (!whole) {
    return Fail(std::move(whole).error());
  }
  return read;
}

}  // namespace

Statement InsertAudit(std::string_view name_space, const AuditEntry& entry) {
  return {.sql =
              "INSERT INTO audit (namespace, id, at, actor_id, actor_name, acting_as_id, action, "
              "subject_kind, subject_id, subject_name, address, detail) "
              "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
          .values = {std::string(name_space), entry.id, ToValue(entry.at), entry.actor_id,
                     Cut(entry.actor_name), ToValue(entry.acting_as_id), entry.action,
                     entry.subject_kind, Cut(entry.subject_id), Cut(entry.subject_name),
                     Cut(entry.address), DetailText(entry.detail)}};
}

aio::Task<Result<std::vector<AuditRow>>> ListAudit(Database& database,
                                                   std::string name_space,
                                                   AuditQuery query,
                                                   Deadline deadline) {
  auto statement = SelectAudit(name_space, query);
  auto found = co_await database.Read(std::move(statement), deadline);
  if (!found) {
    co_return Fail(std::move(found).error());
  }
  std::vector<AuditRow> rows;
  rows.reserve(found->rows.size());
  for (const Row& row : found->rows) {
    auto read = ReadAuditRow(row);
    if (!read) {
      co_return Fail(std::move(read).error().With("audit"));
    }
    rows.push_back(*std::move(read));
  }
  co_return rows;
}

aio::Task<Result<std::int64_t>> PruneAudit(Database& database,
                                           std::string name_space,
                                           SystemTime before,
                                           std::int64_t rows_max,
                                           Deadline deadline) {
  Transaction transaction{
      {.sql = "DELETE FROM audit WHERE namespace = ? AND id IN (SELECT id FROM audit "
              "WHERE namespace = ? AND at < ? ORDER BY at, id LIMIT ?)",
       .values = {name_space, name_space, ToValue(before), rows_max}}};
  auto written = co_await database.Write(std::move(transaction), deadline);
  if (!written) {
    co_return Fail(std::move(written).error());
  }
  co_return written->front().changed_count;
}

}  // namespace paddock::store
