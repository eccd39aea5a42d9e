// RegistryTest: registered databases over a real store with the real schema.
//
// Its tests run on every implementation of the store that INSTANTIATE_TEST_SUITE_P names: SQLite in
// the unit tests, a real PostgreSQL in tests/store.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "databases/registry.h"
#include "store/migrations.h"
#include "store/testing/database_fixture.h"

namespace paddock::databases::testing {

class RegistryTest : public store::testing::DatabaseFixture {
 protected:
  static constexpr const char* kNameSpace = "test";

  void SetUp() override {
    DatabaseFixture::SetUp();
    if (IsSkipped()) {
      return;
    }
    auto migrated = Migrate(store::Migrations());
    ASSERT_TRUE(migrated) << migrated.error().message;
    audit_ = std::make_unique<identity::AuditLog>(database(), kNameSpace);
    registry_ = WithSecret(1);
  }
  std::unique_ptr<Registry> WithSecret(std::uint8_t first) {
    return std::make_unique<Registry>(database(), kNameSpace, sealing::Sealer::Secret{first},
                                      *audit_);
  }
  void Add(const std::string& name, std::string dsn) {
    auto added = Await(registry_->Add({}, name, std::move(dsn), Soon()));
    ASSERT_TRUE(added) << added.error().message;
  }
  std::string Stored(const std::string& column) {
    const store::Value value =
        ReadValue({.sql = "SELECT " + column + " FROM external_databases", .values = {}});
    const auto* text = std::get_if<std::string>(&value);
    return text == nullptr ? "?" : *text;
  }

  std::unique_ptr<identity::AuditLog> audit_;
  std::unique_ptr<Registry> registry_;
};

}  // namespace paddock::databases::testing
