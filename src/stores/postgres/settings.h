// Settings: where the PostgreSQL server is, from a URL, without ever saying its password.
//
// Used for every connection. Threading: a plain value.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace paddock::stores::postgres {

class Settings {
 public:
  /// postgres://user:password@host:port/database?sslmode=…, as libpq knows it. kInvalid, in words
  /// that do not repeat the URL.
  [[nodiscard]] static Result<Settings> Parse(const std::string& url);

  /// libpq's keywords. Those that are missing here have libpq's defaults and environment.
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& keywords() const noexcept {
    return keywords_;
  }
  [[nodiscard]] std::string Get(std::string_view keyword) const;
  void Set(std::string_view keyword, std::string value);

  /// "db.example.org:5432/paddock", for messages.
  [[nodiscard]] std::string Describe() const;

  /// `text` in one line, and without the password, should anybody have put it there.
  [[nodiscard]] std::string Scrub(std::string_view text) const;

 private:
  std::vector<std::pair<std::string, std::string>> keywords_;
};

}  // namespace paddock::stores::postgres
