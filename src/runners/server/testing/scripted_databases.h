// ScriptedDatabases: a server of challenges' databases in memory, whose making a test lets go on.
//
// Public fields to script and inspect. Threading: loop thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "aio/condition.h"
#include "runners/server/databases.h"

namespace paddock::runners::server::testing {

/// A session that nobody asks anything.
class IdleSession final : public sql::Session {
 public:
  aio::Task<Result<sql::StatementOutcome>> Execute(std::string /*statement*/,
                                                   sql::ResultSink& /*sink*/,
                                                   Deadline /*deadline*/) override {
    co_return sql::StatementOutcome();
  }
  aio::Task<Result<void>> Cancel(Deadline /*deadline*/) override { co_return Result<void>(); }
  aio::Task<Result<sql::Catalog>> Describe(Deadline /*deadline*/) override {
    co_return sql::Catalog();
  }
  aio::Task<Result<sql::Explanation>> Explain(std::string /*statement*/,
                                              bool /*analyze*/,
                                              Deadline /*deadline*/) override {
    co_return sql::Explanation();
  }
  [[nodiscard]] sql::TransactionState transaction() const noexcept override {
    return sql::TransactionState::kNone;
  }
  [[nodiscard]] const std::string& server_version() const noexcept override { return version_; }
  [[nodiscard]] bool is_open() const noexcept override { return true; }

 private:
  std::string version_ = "Scripted 1";
};

class ScriptedDatabases final : public Databases {
 public:
  std::set<std::string> databases;  // that there are
  std::size_t most = 0;             // that there were at once
  int opened = 0;
  int prepared = 0;
  int readers = 0;
  bool is_held = false;  // nothing is made until Let
  std::optional<Error> failure = std::nullopt;

  void Let() {
    is_held = false;
    let_.NotifyAll();
  }
  void Lose() { is_open_ = false; }

  aio::Task<Result<void>> Open(Deadline /*deadline*/) override {
    if (failure) {
      co_return Fail(*failure);
    }
    ++opened;
    databases.clear();
    is_open_ = true;
    co_return Result<void>();
  }
  [[nodiscard]] bool is_open() const noexcept override { return is_open_; }
  aio::Task<Result<void>> Check(Deadline /*deadline*/) override {
    co_return is_open_ ? Result<void>() : Fail(Code::kUnavailable, "lost");
  }
  void Close() override { is_open_ = false; }
  aio::Task<Result<PreparedSchema>> Prepare(std::string script, Deadline /*deadline*/) override {
    if (failure) {
      co_return Fail(*failure);
    }
    ++prepared;
    PreparedSchema schema{.source = script + "_source",
                          .readers = {.name = script + "_readers", .password = ""}};
    databases.insert(schema.source);
    databases.insert(schema.readers.name);
    co_return schema;
  }
  aio::Task<Result<Place>> Make(const PreparedSchema& /*schema*/,
                                Use use,
                                Deadline deadline) override {
    while (is_held) {
      auto let = co_await let_.Wait(deadline);
      if (!let) {
        co_return Fail(std::move(let).error());
      }
    }
    if (!is_open_) {
      co_return Fail(Code::kUnavailable, "lost");
    }
    if (failure) {
      co_return Fail(*failure);
    }
    Place place{.session = std::make_unique<IdleSession>()};
    if (use == Use::kReader) {
      ++readers;
      co_return place;
    }
    place.database = fmt::format("clone_{}", ++number_);
    databases.insert(place.database);
    most = std::max(most, databases.size());
    co_return place;
  }
  aio::Task<Result<void>> BeginRun(sql::Session& /*session*/,
                                   Use /*use*/,
                                   std::chrono::milliseconds /*time*/,
                                   Deadline /*deadline*/) override {
    co_return Result<void>();
  }
  aio::Task<bool> Renew(sql::Session& /*session*/, Deadline /*deadline*/) override {
    co_return true;
  }
  aio::Task<Result<void>> Drop(std::string database, Deadline /*deadline*/) override {
    databases.erase(database);
    co_return Result<void>();
  }
  [[nodiscard]] bool WantsClone(const sql::StatementError& /*error*/) const override {
    return false;
  }
  [[nodiscard]] std::string version() const override { return "Scripted 1"; }

 private:
  bool is_open_ = false;
  int number_ = 0;
  aio::Condition let_;
};

}  // namespace paddock::runners::server::testing
