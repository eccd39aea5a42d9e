#include "stores/postgres/settings.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <libpq-fe.h>

namespace paddock::stores::postgres {
namespace {

constexpr std::size_t kUrlSizeMax = 4096;

struct FreeOptions {
  void operator()(PQconninfoOption* options) const noexcept { PQconninfoFree(options); }
};

// Found out about in half a minute, a dead server is not waited for. The URL may say otherwise.
constexpr std::pair<std::string_view, std::string_view> kDefaults[] = {
    {"keepalives_idle", "30"},     {"keepalives_interval", "10"}, {"keepalives_count", "3"},
    {"tcp_user_timeout", "30000"}, {"connect_timeout", "10"},     {"application_name", "paddock"},
};

void ReplaceAll(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

}  // namespace

Result<Settings> Settings::Parse(const std::string& url) {
  const bool is_url = url.starts_with("postgres://") || url.starts_with("postgresql://");
  char* reason = nullptr;
  const std::unique_ptr<PQconninfoOption, FreeOptions> options(
      is_url && url.size() <= kUrlSizeMax ? PQconninfoParse(url.c_str(), &reason) : nullptr);
  // libpq's reason quotes the URL, and so perhaps the password.
  PQfreemem(reason);
  if (options == nullptr) {
    return Fail(Code::kInvalid,
                "the store's URL is not of the form postgres://USER:PASSWORD@HOST:PORT/DATABASE "
                "(special characters of the password as %XX)");
  }
  Settings settings;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) {
      settings.Set(option->keyword, option->val);
    }
  }
  for (const auto& [keyword, value] : kDefaults) {
    if (settings.Get(keyword).empty()) {
      settings.Set(keyword, std::string(value));
    }
  }
  settings.Set("client_encoding", "UTF8");
  return settings;
}

std::string Settings::Get(std::string_view keyword) const {
  const auto found = std::ranges::find(
      keywords_, keyword, [](const auto& each) { return std::string_view(each.first); });
  return found == keywords_.end() ? std::string() : found->second;
}

void Settings::Set(std::string_view keyword, std::string value) {
  std::erase_if(keywords_, [keyword](const auto& each) { return each.first == keyword; });
  keywords_.emplace_back(keyword, std::move(value));
}

std::string Settings::Describe() const {
  const std::string port = Get("port");
  const std::string host = Get("host");
  return fmt::format("{}{}{}/{}", host.empty() ? "(local)" : host, port.empty() ? "" : ":", port,
                     Get("dbname"));
}

std::string Settings::Scrub(std::string_view text) const {
  std::string scrubbed(text);
  for (const std::string_view secret : {"password", "sslpassword"}) {
    if (const std::string value = Get(secret); !value.empty()) {
      ReplaceAll(scrubbed, value, "***");
    }
  }
  std::ranges::replace_if(scrubbed, [](char c) { return c == '\n' || c == '\t'; }, ' ');
  const auto [first, last] = std::ranges::unique(
      scrubbed, [](char left, char right) { return left == ' ' && right == ' '; });
  scrubbed.erase(first, last);
  if (scrubbed.ends_with(' ')) {
    scrubbed.pop_back();
  }
  return scrubbed;
}

}  // namespace paddock::stores::postgres
