#include "images/apt_sources.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace paddock::images {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::string kKeyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

TEST(AptSourcesTest, OneLineEntriesAreReadWithTheirKeyring) {
  EXPECT_THAT(
      ParseOneLineEntries("# deb http://old.example x main\n"
                          "deb http://a.example/debian bookworm main contrib # why\n"
                          "deb [arch=amd64 signed-by=/k.gpg] http://b.example x-y main\n"
                          "deb-src http://a.example/debian bookworm main\n"
                          "deb http://c.example bookworm stable\n"
                          "deb http://c.example bookworm\n"),
      ElementsAre(AptEntry{.uri = "http://a.example/debian", .suite = "bookworm", .signed_by = ""},
                  AptEntry{.uri = "http://b.example", .suite = "x-y", .signed_by = "/k.gpg"}));
}

TEST(AptSourcesTest, Deb822EntriesAreReadForEveryUriAndSuite) {
  EXPECT_THAT(
      ParseDeb822Entries("Types: deb deb-src\n"
                         "# a comment\n"
                         "URIs: http://a.example\n"
                         " http://b.example\n"
                         "Suites: bookworm bookworm-updates\n"
                         "Components: main\n"
                         "signed-by: /k.gpg\n"
                         "\n"
                         "Enabled: no\nTypes: deb\nURIs: http://off.example\n"
                         "Suites: bookworm\nComponents: main\n"
                         "\n"
                         "Types: deb\nURIs: http://inline.example\nSuites: bookworm\n"
                         "Components: main\nSigned-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n"),
      ElementsAre(
          AptEntry{.uri = "http://a.example", .suite = "bookworm", .signed_by = "/k.gpg"},
          AptEntry{.uri = "http://a.example", .suite = "bookworm-updates", .signed_by = "/k.gpg"},
          AptEntry{.uri = "http://b.example", .suite = "bookworm", .signed_by = "/k.gpg"},
          AptEntry{.uri = "http://b.example", .suite = "bookworm-updates", .signed_by = "/k.gpg"}));
}

TEST(AptSourcesTest, AnotherSuiteComesFromTheHostsOwnMirrors) {
  const std::vector<AptEntry> host{
      {.uri = "http://m.example", .suite = "bookworm", .signed_by = kKeyring},
      {.uri = "http://m.example", .suite = "bookworm-updates", .signed_by = ""},
      {.uri = "http://s.example", .suite = "bookworm-security", .signed_by = kKeyring}};
  EXPECT_THAT(
      SourcesFor("trixie", "bookworm", host),
      ElementsAre("deb [signed-by=" + kKeyring + "] http://m.example trixie main",
                  "deb http://m.example trixie-updates main",
                  "deb [signed-by=" + kKeyring + "] http://s.example trixie-security main"));
}

TEST(AptSourcesTest, EntriesOfOtherOriginsAreLeftOut) {
  const std::vector<AptEntry> host{
      {.uri = "http://vendor.example", .suite = "bookworm", .signed_by = "/k/vendor.gpg"},
      {.uri = "http://m.example", .suite = "bookworm-backports", .signed_by = ""},
      {.uri = "cdrom:[Debian]/", .suite = "bookworm", .signed_by = ""},
      {.uri = "http://m.example", .suite = "stable", .signed_by = ""}};
  EXPECT_THAT(SourcesFor("trixie", "bookworm", host), IsEmpty());
}

}  // namespace
}  // namespace paddock::images
