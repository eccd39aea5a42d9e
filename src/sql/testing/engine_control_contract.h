// EngineControlContract: what every Engine must do when a statement is stopped, a peer breaks, or
// somebody asks about a database instead of its data.
#pragma once

#include <algorithm>
#include <string_view>

#include "aio/condition.h"
#include "sql/testing/engine_fixture.h"

namespace paddock::sql::testing {

class EngineControlContract : public EngineFixture {
 protected:
  /// A statement that runs while something else is done.
  struct Running {
    RecordingSink sink = {};
    std::optional<Result<StatementOutcome>> ended = std::nullopt;
    aio::Condition changed = {};  // NOLINT: may be left out
  };
  static aio::Task<void> Run(Session& session, std::string statement, Running& running) {
    running.sink.on_batch = [&running] { running.changed.NotifyAll(); };
    running.ended = co_await session.Execute(std::move(statement), running.sink, Soon());
    running.changed.NotifyAll();
  }
  static aio::Task<bool> AwaitBatch(Running& running) {
    while (running.sink.batch_count == 0 && !running.ended) {
      auto waited = co_await running.changed.Wait(Soon());
      EXPECT_TRUE(waited);
    }
    co_return !running.ended;
  }
  // Nothing says that a statement without rows has begun: so it is cancelled until it has ended.
  static aio::Task<bool> CancelUntilEnded(Session& session, Running& running) {
    while (!running.ended) {
      auto cancelled = co_await session.Cancel(Soon());
      EXPECT_TRUE(cancelled) << cancelled.error().message;
      if (!running.ended) {
        auto waited =
            co_await running.changed.Wait(Deadline::After(std::chrono::milliseconds(100)));
        EXPECT_TRUE(waited || waited.error().code == Code::kDeadlineExceeded);
      }
    }
    co_return true;
  }
  static aio::Task<bool> AwaitEnd(Running& running) {
    while (!running.ended) {
      auto waited = co_await running.changed.Wait(Soon());
      EXPECT_TRUE(waited);
    }
    co_return true;
  }
  static const CatalogTable* Find(const Catalog& catalog, std::string_view name) {
    const auto found = std::ranges::find(catalog.tables, name, &CatalogTable::name);
    return found == catalog.tables.end() ? nullptr : &*found;
  }
  static bool Has(const CatalogTable& table, Key::Kind kind, const std::string& column) {
    return std::ranges::any_of(table.keys, [&](const Key& key) {
      return key.kind == kind && key.columns == std::vector<std::string>{column};
    });
  }
  static bool Mentions(const PlanNode& node, std::string_view object) {
    return node.object.find(object) != std::string::npos ||
           std::ranges::any_of(node.children,
                               [&](const PlanNode& child) { return Mentions(child, object); });
  }
  static void ExpectCancelled(const Running& running) {
    ASSERT_TRUE(running.ended && *running.ended) << running.ended->error().message;
    ASSERT_TRUE(**running.ended) << "it ended before it was cancelled";
    EXPECT_EQ((**running.ended)->code, kCancelledState) << (**running.ended)->message;
  }
};

TEST_P(EngineControlContract, AStatementWithoutRowsIsCancelledAndTheSessionGoesOn) {
  aio::TaskScope scope(loop_.get_executor());
  Running running;
  scope.Spawn(Run(*session_, texts().endless, running));
  Await(CancelUntilEnded(*session_, running));
  ExpectCancelled(running);
  ExpectUsable(*session_);
}

TEST_P(EngineControlContract, AStatementIsCancelledInTheMiddleOfItsRows) {
  aio::TaskScope scope(loop_.get_executor());
  Running running;
  scope.Spawn(Run(*session_, texts().count_to(100'000'000'000), running));
  ASSERT_TRUE(Await(AwaitBatch(running)));
  Await(CancelUntilEnded(*session_, running));
  ExpectCancelled(running);
  ExpectUsable(*session_);
}

TEST_P(EngineControlContract, CancellingNothingIsHarmless) {
  for (int i = 0; i < 3; ++i) {
    const auto cancelled = Await(session_->Cancel(Soon()));
    EXPECT_TRUE(cancelled) << cancelled.error().message;
    ExpectUsable(*session_);
  }
}

TEST_P(EngineControlContract, ADeadlineEndsTheStatementAndNotTheSession) {
  RecordingSink sink;
  const auto brief = Deadline::After(std::chrono::milliseconds(100));
  EXPECT_EQ(CodeOf(Await(session_->Execute(texts().endless, sink, brief))),
            Code::kDeadlineExceeded);
  ExpectUsable(*session_);
}

TEST_P(EngineControlContract, APeerThatBreaksEndsTheStatementAndTheSession) {
  aio::TaskScope scope(loop_.get_executor());
  Running running;
  scope.Spawn(Run(*session_, texts().count_to(100'000'000'000), running));
  ASSERT_TRUE(Await(AwaitBatch(running)));
  dialer_->Break();
  Await(AwaitEnd(running));
  EXPECT_EQ(CodeOf(*running.ended), Code::kUnavailable);
  EXPECT_FALSE(session_->is_open());
  RecordingSink sink;
  EXPECT_EQ(CodeOf(Execute(*session_, "SELECT 1", sink)), Code::kUnavailable);
  EXPECT_EQ(CodeOf(Await(session_->Describe(Soon()))), Code::kUnavailable);
  ExpectUsable(*MustOpen());
}

TEST_P(EngineControlContract, APeerThatSpeaksSomethingElseCannotBeOpened) {
  for (const std::string says : {"HTTP/1.1 400 Bad Request\r\n\r\n", "\x01", ""}) {
    auto dialer = std::make_shared<ScriptedDialer>(says, true);
    EXPECT_EQ(CodeOf(Open(host_->spec(), std::move(dialer))), Code::kUnavailable) << says;
  }
}

TEST_P(EngineControlContract, APeerThatSaysNothingIsGivenUpAtTheDeadline) {
  auto dialer = std::make_shared<ScriptedDialer>("", false);
  const auto brief = Deadline::After(std::chrono::milliseconds(100));
  EXPECT_EQ(CodeOf(Await(host_->engine().Open(loop_.get_executor(), host_->spec(),
                                              std::move(dialer), brief))),
            Code::kDeadlineExceeded);
}

TEST_P(EngineControlContract, TheCatalogShowsTablesColumnsKeysAndIndexes) {
  MakeTables();
  MustRun("CREATE VIEW large AS SELECT id, size FROM parts WHERE size > 3");
  const auto catalog = Await(session_->Describe(Soon()));
  ASSERT_TRUE(catalog) << catalog.error().message;
  EXPECT_FALSE(catalog->truncated);
  const auto* items = Find(*catalog, "items");
  const auto* parts = Find(*catalog, "parts");
  const auto* large = Find(*catalog, "large");
  ASSERT_TRUE(items != nullptr && parts != nullptr && large != nullptr);
  EXPECT_EQ(items->schema, texts().schema);
  EXPECT_EQ(items->kind, "table");
  EXPECT_EQ(large->kind, "view");
  ASSERT_EQ(items->columns.size(), 2U);
  EXPECT_EQ(items->columns[0].name, "id");
  EXPECT_EQ(items->columns[1].name, "name");
  EXPECT_FALSE(items->columns[0].type.empty());
  EXPECT_FALSE(items->columns[1].nullable);
  ASSERT_EQ(parts->columns.size(), 3U);
  EXPECT_TRUE(parts->columns[1].nullable);
  EXPECT_EQ(parts->columns[2].default_text, "7");
  EXPECT_TRUE(Has(*items, Key::Kind::kPrimary, "id"));
  EXPECT_TRUE(Has(*items, Key::Kind::kUnique, "name"));
  EXPECT_EQ(std::ranges::count(parts->indexes, "parts_by_size"), 1);
  const auto foreign = std::ranges::find(parts->keys, Key::Kind::kForeign, &Key::kind);
  ASSERT_NE(foreign, parts->keys.end());
  EXPECT_EQ(foreign->columns, std::vector<std::string>{"item"});
  EXPECT_EQ(foreign->to_table, "items");
  EXPECT_EQ(foreign->to_columns, std::vector<std::string>{"id"});
  EXPECT_EQ(large->columns.size(), 2U);
}

TEST_P(EngineControlContract, APlanIsATreeThatNamesItsTables) {
  MakeTables();
  const auto explained = Await(session_->Explain(
      "SELECT * FROM items JOIN parts ON parts.item = items.id WHERE parts.size > 1", false,
      Soon()));
  ASSERT_TRUE(explained) << explained.error().message;
  ASSERT_TRUE(explained->plan) << explained->error->message;
  EXPECT_FALSE(explained->plan->analyzed);
  EXPECT_FALSE(explained->plan->text.empty());
  EXPECT_FALSE(explained->plan->root.operation.empty());
  EXPECT_TRUE(Mentions(explained->plan->root, "items"));
  EXPECT_TRUE(Mentions(explained->plan->root, "parts"));
}

TEST_P(EngineControlContract, APlanOfNonsenseIsTheStatementsError) {
  const auto explained = Await(session_->Explain("SELECT nothing FROM nowhere", false, Soon()));
  ASSERT_TRUE(explained) << explained.error().message;
  EXPECT_FALSE(explained->plan);
  ASSERT_TRUE(explained->error);
  EXPECT_FALSE(explained->error->message.empty());
  ExpectUsable(*session_);
}

TEST_P(EngineControlContract, AnalyzingAChangeLeavesNoChange) {
  MakeTables();
  for (const bool in_transaction : {false, true}) {
    if (in_transaction) {
      MustRun("BEGIN");
      MustRun("INSERT INTO items VALUES (4, 'four')");
    }
    const auto explained = Await(session_->Explain("DELETE FROM items WHERE id = 3", true, Soon()));
    ASSERT_TRUE(explained) << explained.error().message;
    EXPECT_NE(explained->plan.has_value(), explained->error.has_value());
    EXPECT_EQ(RowsOf("SELECT COUNT(*) FROM items"),
              (std::vector<Row>{{in_transaction ? "4" : "3"}}));
    EXPECT_EQ(session_->transaction(),
              in_transaction ? TransactionState::kOpen : TransactionState::kNone);
  }
}

}  // namespace paddock::sql::testing
