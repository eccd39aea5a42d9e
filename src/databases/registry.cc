#include "databases/registry.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "store/records.h"

namespace paddock::databases {
namespace {

using identity::AuditAction;
using identity::AuditSubject;

constexpr std::size_t kNameBytesMax = 64;

bool IsLetterOrDigit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

AuditSubject SubjectOf(const std::string& name) {
  return {.kind = identity::SubjectKind::kDatabase, .id = name, .name = name};
}

/// Kinds and places, never the password.
identity::AuditDetail DetailOf(const Dsn& dsn) { return {{"dsn", dsn.WithoutPassword()}}; }

Result<Registered> Read(const store::ExternalDatabaseRecord& record) {
  auto dsn = Dsn::Parse(record.dsn);
  if (!dsn) {
    return Fail(Code::kInternal,
                fmt::format("the registered database {} has no usable dsn", record.name));
  }
  return Registered{.name = record.name,
                    .dsn = *std::move(dsn),
                    .created_at = record.created_at,
                    .updated_at = record.updated_at};
}

}  // namespace

bool IsName(std::string_view name) noexcept {
  return !name.empty() && name.size() <= kNameBytesMax && IsLetterOrDigit(name.front()) &&
         IsLetterOrDigit(name.back()) && std::ranges::all_of(name, [](char c) {
           return IsLetterOrDigit(c) || c == '.' || c == '_' || c == '-';
         });
}

aio::Task<Result<std::vector<Registered>>> Registry::List(Deadline deadline) {
  auto records = co_await table_.List(deadline);
  if (!records) {
    co_return Fail(std::move(records).error());
  }
  std::vector<Registered> all;
  for (const store::ExternalDatabaseRecord& record : *records) {
    auto registered = Read(record);
    if (!registered) {
      co_return Fail(std::move(registered).error());
    }
    all.push_back(*std::move(registered));
  }
  co_return all;
}

aio::Task<Result<Registered>> Registry::Find(std::string name, Deadline deadline) {
  auto record = co_await table_.Find(std::move(name), deadline);
  if (!record) {
    co_return Fail(std::move(record).error());
  }
  co_return Read(*record);
}

aio::Task<Result<Registered>> Registry::Add(identity::AuditContext context,
                                            std::string name,
                                            std::string dsn,
                                            Deadline deadline) {
  auto parsed = Dsn::Parse(dsn);
  if (!parsed) {
    co_return Fail(std::move(parsed).error());
  }
  if (!IsName(name)) {
    co_return Fail(Code::kInvalid,
                   "name must be 1 to 64 letters and digits, with . _ or - in between");
  }
  auto records = co_await table_.List(deadline);
  if (!records) {
    co_return Fail(std::move(records).error());
  }
  if (records->size() >= static_cast<std::size_t>(store::ExternalDatabases::kListedMax)) {
    co_return Fail(Code::kExhausted, fmt::format("there are {} registered databases already",
                                                 store::ExternalDatabases::kListedMax));
  }
  const auto now = std::chrono::system_clock::now();
  const store::ExternalDatabaseRecord record{.name = name,
                                             .engine = std::string(sql::Name(parsed->engine)),
                                             .dsn = std::move(dsn),
                                             .created_at = now,
                                             .updated_at = now};
  auto entry =
      audit_.Entry(context, AuditAction::kDatabaseRegistered, SubjectOf(name), DetailOf(*parsed));
  store::Transaction transaction{table_.Insert(record), std::move(entry)};
  auto written = co_await database_.Write(std::move(transaction), deadline);
  if (!written) {
    co_return Fail(std::move(written).error());
  }
  co_return Registered{
      .name = std::move(name), .dsn = *std::move(parsed), .created_at = now, .updated_at = now};
}

aio::Task<Result<Registered>> Registry::Change(identity::AuditContext context,
                                               std::string name,
                                               std::string dsn,
                                               Deadline deadline) {
  auto parsed = Dsn::Parse(dsn);
  if (!parsed) {
    co_return Fail(std::move(parsed).error());
  }
  auto record = co_await table_.Find(name, deadline);
  if (!record) {
    co_return Fail(std::move(record).error());
  }
  record->engine = sql::Name(parsed->engine);
  record->dsn = std::move(dsn);
  record->updated_at = std::chrono::system_clock::now();
  auto entry =
      audit_.Entry(context, AuditAction::kDatabaseChanged, SubjectOf(name), DetailOf(*parsed));
  store::Transaction transaction{table_.Update(*record), std::move(entry)};
  auto written = co_await database_.Write(std::move(transaction), deadline);
  if (!written) {
    co_return Fail(std::move(written).error());
  }
  watches_.Tell(name, Change::kChanged);
  co_return Read(*record);
}

aio::Task<Result<void>> Registry::Remove(identity::AuditContext context,
                                         std::string name,
                                         Deadline deadline) {
  auto entry = audit_.Entry(context, AuditAction::kDatabaseRemoved, SubjectOf(name));
  store::Transaction transaction{table_.Delete(name), std::move(entry)};
  auto written = co_await database_.Write(std::move(transaction), deadline);
  if (written) {
    watches_.Tell(name, Change::kRemoved);
  }
  co_return store::WithoutRows(std::move(written));
}

}  // namespace paddock::databases
