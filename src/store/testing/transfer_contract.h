// TransferContract: exports and imports of the real schema, on every Database.
//
// INSTANTIATE_TEST_SUITE_P it beside DatabaseContract.
#pragma once

#include <algorithm>
#include <iterator>
#include <sstream>

#include "store/migrations.h"
#include "store/testing/database_fixture.h"
#include "store/testing/sample_rows.h"
#include "store/transfer.h"

namespace paddock::store::testing {

/// What an export wrote, or what went wrong, in `failure`.
struct Exported {
  std::string text;
  std::string failure;
};

class TransferContract : public DatabaseFixture {
 protected:
  void SetUp() override {
    DatabaseFixture::SetUp();
    if (database_ != nullptr) {
      MustMigrateAll();
    }
  }
  void MustMigrateAll() {
    auto migrated = Migrate(Migrations());
    ASSERT_TRUE(migrated) << migrated.error().message;
  }
  void OpenAnother() {
    Close();
    host_ = GetParam().make();
    Open();
    MustMigrateAll();
  }
  void Fill(const std::string& name_space, int count) {
    for (int first = 0; first < count; first += kBatch) {
      Transaction rows;
      for (int i = first; i < std::min(first + kBatch, count); ++i) {
        std::ranges::move(SampleRows(name_space, i), std::back_inserter(rows));
      }
      auto written = Write(std::move(rows));
      ASSERT_TRUE(written) << written.error().message;
    }
  }
  Exported ExportOf(const std::string& name_space) {
    Exported exported;
    WriteBytes write = [&exported](std::string_view bytes) {
      exported.text += bytes;
      return Result<void>();
    };
    auto count = Await(Export(database(), name_space, std::move(write), Soon()));
    exported.failure = count ? "" : count.error().message;
    return exported;
  }
  Result<std::int64_t> ImportInto(const std::string& name_space, const std::string& text) {
    auto stream = std::make_shared<std::istringstream>(text);
    ReadLine read = [stream]() -> Result<std::optional<std::string>> {
      std::string line;
      return std::getline(*stream, line) ? std::optional(line) : std::nullopt;
    };
    return Await(Import(database(), name_space, std::move(read), Soon()));
  }
  // In all namespaces, those that nobody sees included.
  std::int64_t RowCount() {
    std::int64_t count = 0;
    for (const Table& table : Tables()) {
      const Value value = ReadValue({.sql = fmt::format("SELECT COUNT(*) FROM {}", table.name)});
      count += std::get<std::int64_t>(value);
    }
    return count;
  }
  static std::vector<std::string> LinesOf(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
      lines.push_back(line);
    }
    return lines;
  }
  static std::string TextOf(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) {
      text += line + "\n";
    }
    return text;
  }
  void ExpectRefused(const std::vector<std::string>& lines, std::string_view words) {
    auto imported = ImportInto("copy", TextOf(lines));
    ASSERT_FALSE(imported) << words;
    EXPECT_NE(imported.error().message.find(words), std::string::npos)
        << words << " is not in: " << imported.error().message;
    EXPECT_EQ(RowCount(), 0);
  }

  static constexpr int kBatch = 100;
};

TEST_P(TransferContract, EverythingArrivesAsItWas) {
  Fill("school", 3);
  const Exported exported = ExportOf("school");
  ASSERT_EQ(exported.failure, "");
  OpenAnother();
  auto imported = ImportInto("school", exported.text);
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_EQ(*imported, static_cast<std::int64_t>(3 * Tables().size()));
  EXPECT_EQ(RowCount(), *imported);
  EXPECT_EQ(ExportOf("school").text, exported.text);
}

TEST_P(TransferContract, MoreThanAPageArrivesToo) {
  Fill("school", 1003);
  const Exported exported = ExportOf("school");
  ASSERT_EQ(exported.failure, "");
  auto imported = ImportInto("copy", exported.text);
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_EQ(*imported, static_cast<std::int64_t>(1003 * Tables().size()));
  auto original = LinesOf(exported.text);
  auto copy = LinesOf(ExportOf("copy").text);
  original.erase(original.begin());
  copy.erase(copy.begin());
  original.pop_back();
  copy.pop_back();
  EXPECT_EQ(copy, original);
}

TEST_P(TransferContract, AbsentValuesStayAbsent) {
  ASSERT_TRUE(Write({{.sql = "INSERT INTO users (namespace, id, role, display_name, created_at, "
                             "seen_at) VALUES ('school', 'ann', 'learner', '', 0, -1)"}}));
  ASSERT_TRUE(ImportInto("copy", ExportOf("school").text));
  EXPECT_EQ(
      ReadValue({.sql = "SELECT COUNT(*) FROM users WHERE namespace = 'copy' AND name IS NULL "
                        "AND email IS NULL AND display_name = '' AND seen_at = -1"}),
      Value(std::int64_t{1}));
}

TEST_P(TransferContract, OtherNamespacesAreNotTouched) {
  Fill("school", 2);
  Fill("club", 1);
  const Exported school = ExportOf("school");
  EXPECT_EQ(LinesOf(school.text).size(), 2 + 2 * Tables().size());
  ASSERT_TRUE(ImportInto("copy", school.text));
  EXPECT_EQ(ExportOf("school").text, school.text);
  EXPECT_EQ(LinesOf(ExportOf("club").text).size(), 2 + Tables().size());
}

TEST_P(TransferContract, AnEmptyNamespaceCanBeMovedToo) {
  const Exported exported = ExportOf("school");
  EXPECT_EQ(exported.failure, "");
  auto imported = ImportInto("copy", exported.text);
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_EQ(*imported, 0);
}

TEST_P(TransferContract, ANamespaceWithContentIsRefused) {
  Fill("school", 1);
  const Exported exported = ExportOf("school");
  auto imported = ImportInto("school", exported.text);
  EXPECT_EQ(CodeOf(imported), Code::kConflict);
  EXPECT_EQ(ExportOf("school").text, exported.text);
  EXPECT_EQ(RowCount(), static_cast<std::int64_t>(Tables().size()));
}

TEST_P(TransferContract, WhatIsNotWholeLeavesNothing) {
  Fill("school", 2);
  const auto lines = LinesOf(ExportOf("school").text);
  OpenAnother();
  for (std::size_t count = 0; count < lines.size(); ++count) {
    const std::vector<std::string> part(lines.begin(),
                                        lines.begin() + static_cast<std::ptrdiff_t>(count));
    ExpectRefused(part, fmt::format("ends after line {}", count));
  }
  auto missing = lines;
  missing.erase(missing.end() - 2);  // nothing refers to a row of the last table
  ExpectRefused(missing, "checksum");
  EXPECT_TRUE(ImportInto("copy", TextOf(lines)));
}

TEST_P(TransferContract, WhatIsWrongIsSaidWithItsLine) {
  Fill("school", 2);
  const auto lines = LinesOf(ExportOf("school").text);
  OpenAnother();
  const auto with = [&lines](std::size_t index, const std::string& line) {
    auto changed = lines;
    changed[index] = line;
    return changed;
  };
  ExpectRefused(with(0, "{}"), "line 1: this is no export");
  ExpectRefused(with(0, R"({"paddock_store":2})"), "format 2");
  ExpectRefused(with(0, R"({"paddock_store":1,"namespace":"a","schema_version":999,"rows":{}})"),
                "schema version 999");
  ExpectRefused(with(1, "not JSON"), "line 2: this is not JSON");
  ExpectRefused(with(1, std::string(100'000, '[')), "line 2: this is not JSON");
  ExpectRefused(with(2, "7"), "line 3");
  ExpectRefused(with(2, "[]"), "line 3: a row begins");
  ExpectRefused(with(2, R"(["nowhere",1])"), "line 3: there is no table 'nowhere'");
  ExpectRefused(with(2, R"(["users",1])"), "line 3: a row of users");
  ExpectRefused(with(2, R"(["role_quotas",1,null,null,null])"),
                "line 3: role_quotas.role is of another type");
  ExpectRefused(with(2, R"(["role_quotas","a\u0000b",null,null,null])"), "line 3: a text");
  ExpectRefused(with(2, R"(["role_quotas","a",99999999999999999999,null,null])"),
                "line 3: role_quotas.sandboxes_max is of another type");
  ExpectRefused(with(2, lines[1]), "lines 2 to");  // the same row twice
  ExpectRefused(with(lines.size() - 1, "{}"), "the last line has");
  auto longer = lines;
  longer.push_back(lines[1]);
  ExpectRefused(longer, "there is more after the end");
}

TEST_P(TransferContract, ALetterThatWasChangedIsNoticed) {
  Fill("school", 1);
  std::string text = ExportOf("school").text;
  OpenAnother();
  text.replace(text.rfind("00000"), 5, "00001");
  ExpectRefused(LinesOf(text), "was changed after it was made");
}

TEST_P(TransferContract, WhatAKilledImportLeftIsRemovedByTheNext) {
  Fill("school", 1);
  const Exported exported = ExportOf("school");
  OpenAnother();
  Fill("~import~copy", 2);
  ASSERT_TRUE(ImportInto("copy", exported.text));
  EXPECT_EQ(RowCount(), static_cast<std::int64_t>(Tables().size()));
}

TEST_P(TransferContract, AFileThatCannotBeWrittenEndsTheExport) {
  Fill("school", 1);
  int written_count = 0;
  WriteBytes write = [&written_count](std::string_view) -> Result<void> {
    ++written_count;
    return written_count < 3 ? Result<void>() : Fail(Code::kDiskFull, "no room");
  };
  EXPECT_EQ(CodeOf(Await(Export(database(), "school", std::move(write), Soon()))), Code::kDiskFull);
  EXPECT_EQ(written_count, 3);
}

}  // namespace paddock::store::testing
