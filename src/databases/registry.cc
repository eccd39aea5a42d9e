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
constexpr std::string_view kKeyLabel = "paddock registered databases 1";

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
  if (!record.password.empty()) {
    dsn->password.clear();
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

Registry::Registry(store::Database& database,
                   const std::string& name_space,
                   const sealing::Sealer::Secret& secret,
                   identity::AuditLog& audit)
    : database_(database),
      name_space_(name_space),
      table_(database, name_space),
      sealer_(secret, kKeyLabel),
      audit_(audit) {}

std::string Registry::PurposeOf(const store::ExternalDatabaseRecord& record) const {
  return fmt::format("{}\n{}\n{}", name_space_, record.name, record.dsn);
}

/// For the store; the times are the caller's.
Result<store::ExternalDatabaseRecord> Registry::RecordOf(const std::string& name,
                                                         const Dsn& dsn) const {
  store::ExternalDatabaseRecord record{.name = name,
                                       .engine = std::string(sql::Name(dsn.engine)),
                                       .dsn = dsn.WithoutPassword(),
                                       .password = {},
                                       .created_at = {},
                                       .updated_at = {}};
  if (record.dsn.size() > kDsnBytesMax) {
    return Fail(Code::kInvalid, "dsn is too long");
  }
  auto sealed = sealer_.Seal(PurposeOf(record), dsn.password);
  if (!sealed) {
    return Fail(std::move(sealed).error());
  }
  record.password = *std::move(sealed);
  return record;
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

aio::Task<Result<Registered>> Registry::Open(std::string name, Deadline deadline) {
  auto record = co_await table_.Find(std::move(name), deadline);
  if (!record) {
    co_return Fail(std::move(record).error());
  }
  auto registered = Read(*record);
  if (!registered || record->password.empty()) {
    co_return registered;
  }
  auto password = sealer_.Open(PurposeOf(*record), record->password);
  if (!password) {
    co_return Fail(Code::kConflict,
                   fmt::format("The password of {} cannot be read: the server's secret is not the "
                               "one that it was stored under (the file server/secret in the data "
                               "directory). An administrator has to write its DSN again",
                               record->name));
  }
  registered->dsn.password = *std::move(password);
  co_return registered;
}

aio::Task<Result<void>> Registry::SealStored(Deadline deadline) {
  auto records = co_await table_.List(deadline);
  if (!records) {
    co_return Fail(std::move(records).error());
  }
  store::Transaction transaction;
  for (const store::ExternalDatabaseRecord& record : *records) {
    auto dsn = record.password.empty() ? Dsn::Parse(record.dsn)
                                       : Result<Dsn>(Fail(Code::kConflict, "sealed already"));
    auto sealed = dsn ? RecordOf(record.name, *dsn)
                      : Result<store::ExternalDatabaseRecord>(Fail(std::move(dsn).error()));
    if (sealed) {
      sealed->updated_at = record.updated_at;
      transaction.push_back(table_.Update(*sealed));
    }
  }
  if (transaction.empty()) {
    co_return Result<void>();
  }
  auto written = co_await database_.Write(std::move(transaction), deadline);
  co_return store::WithoutRows(std::move(written));
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
  auto record = RecordOf(name, *parsed);
  if (!record) {
    co_return Fail(std::move(record).error());
  }
  const auto now = std::chrono::system_clock::now();
  record->created_at = now;
  record->updated_at = now;
  auto entry =
      audit_.Entry(context, AuditAction::kDatabaseRegistered, SubjectOf(name), DetailOf(*parsed));
  store::Transaction transaction{table_.Insert(*record), std::move(entry)};
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
  auto found = co_await table_.Find(name, deadline);
  if (!found) {
    co_return Fail(std::move(found).error());
  }
  auto record = RecordOf(name, *parsed);
  if (!record) {
    co_return Fail(std::move(record).error());
  }
  record->created_at = found->created_at;
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
