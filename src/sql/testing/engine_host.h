// EngineHost: an engine with a database of its own, for the suites that every engine passes.
//
// Whatever the dialects say in different words comes from here; the suites say the rest in the SQL
// that all of them share. Threading: the test's thread runs the loop.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "sql/engine.h"

namespace paddock::sql::testing {

/// SELECT <expression>: the cell that must come back, text and type alike.
struct ValueCase {
  std::string expression;
  CellType type = CellType::kNull;
  std::string text = {};  // NOLINT: may be left out
};

/// A statement that fails, and where. No position: the engine has none for it.
struct ErrorCase {
  std::string statement;
  std::string code;
  std::optional<std::size_t> position = std::nullopt;
};

struct EngineTexts {
  std::string version_begin;  // "PostgreSQL 15"
  std::vector<ValueCase> values;
  std::vector<ErrorCase> errors;
  /// Rows 1, 2, … `count` in this order, in one column named n; made as they are asked for.
  std::function<std::string(std::uint64_t count)> count_to;
  /// Gives rows and then fails; at least a few thousand before.
  std::string rows_then_error;
  /// Runs for minutes without a row.
  std::string endless;
  /// One cell of `bytes` letters x.
  std::function<std::string(std::size_t bytes)> big_cell;
  /// What a failed statement makes of an open transaction.
  TransactionState state_after_error = TransactionState::kOpen;
  /// What the catalog calls the schema of tables made without one.
  std::string schema;
  /// Of a database that is not there, and what opening it fails with; nothing: there is no such.
  std::optional<OpenSpec> spec_of_nothing = std::nullopt;
  Code code_of_nothing = Code::kNotFound;
};

class EngineHost {
 public:
  EngineHost() = default;
  EngineHost(const EngineHost&) = delete;
  EngineHost& operator=(const EngineHost&) = delete;
  virtual ~EngineHost() = default;

  /// Why this engine cannot be tested here; empty when it can.
  [[nodiscard]] virtual std::string missing() const { return {}; }
  [[nodiscard]] virtual Engine& engine() = 0;
  /// Dials a server whose database is this host's own, and empty at first.
  [[nodiscard]] virtual std::shared_ptr<Dialer> MakeDialer(boost::asio::io_context& loop) = 0;
  [[nodiscard]] virtual OpenSpec spec() const = 0;
  [[nodiscard]] virtual const EngineTexts& texts() const = 0;
};

struct EngineUnderTest {
  std::string name;
  std::function<std::unique_ptr<EngineHost>()> make;
};

}  // namespace paddock::sql::testing
