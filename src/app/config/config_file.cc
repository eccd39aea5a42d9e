#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "app/config/private_file.h"
#include "app/config/sources.h"
#include "app/config/values.h"

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

namespace paddock::app::config {
namespace {

std::string_view LineOf(std::string_view text, std::size_t number) {
  while (number > 1 && !text.empty()) {
    const auto end = text.find('\n');
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    --number;
  }
  return text.substr(0, text.find('\n'));
}

/// toml++ quotes the place that it stumbles over. A line that may hold a secret is not to be
/// quoted.
bool MayQuote(const OptionSet& set, std::string_view line) {
  return line.contains('=') && std::ranges::none_of(set.options(), [line](const Option& option) {
           return option.secrecy != Secrecy::kPublic && line.contains(option.name);
         });
}

std::string_view Demand(Kind kind) {
  switch (kind) {
    case Kind::kText: return "must be a text in quotes";
    case Kind::kInteger: return "must be a whole number, without quotes";
    case Kind::kNumber: return "must be a number, without quotes";
    case Kind::kSwitch: return "must be true or false, without quotes";
    case Kind::kList: return R"(must be a list of texts: ["one", "two"], or "one,two")";
  }
  return "";
}

std::optional<Texts> ListOf(const toml::node& node) {
  if (const auto* text = node.as_string(); text != nullptr) {
    return SplitList(text->get());
  }
  const auto* array = node.as_array();
  if (array == nullptr) {
    return std::nullopt;
  }
  Texts texts;
  for (const toml::node& item : *array) {
    const auto* text = item.as_string();
    if (text == nullptr) {
      return std::nullopt;
    }
    texts.push_back(text->get());
  }
  return texts;
}

/// The value as texts, or nothing when it is of another kind.
std::optional<Texts> TextsOf(Kind kind, const toml::node& node) {
  switch (kind) {
    case Kind::kText:
      if (const auto* text = node.as_string(); text != nullptr) {
        return Texts{text->get()};
      }
      break;
    case Kind::kNumber:
      if (const auto* number = node.as_floating_point(); number != nullptr) {
        return Texts{fmt::format("{}", number->get())};
      }
      [[fallthrough]];
    case Kind::kInteger:
      if (const auto* number = node.as_integer(); number != nullptr) {
        return Texts{fmt::format("{}", number->get())};
      }
      break;
    case Kind::kSwitch:
      if (const auto* claim = node.as_boolean(); claim != nullptr) {
        return Texts{claim->get() ? "on" : "off"};
      }
      break;
    case Kind::kList: return ListOf(node);
  }
  return std::nullopt;
}

/// One parsed file into settings.
class KeyReader {
 public:
  KeyReader(const OptionSet& set, const std::string& path, bool is_open_to_others)
      : set_(set), path_(path), is_open_to_others_(is_open_to_others) {}

  Reading Read(const toml::table& table) {
    struct Entry {
      std::uint32_t line;
      std::string_view name;
      const toml::node* node;
    };
    std::vector<Entry> entries;
    for (const auto& [key, node] : table) {
      entries.push_back({.line = key.source().begin.line, .name = key.str(), .node = &node});
    }
    std::ranges::sort(entries, {}, &Entry::line);  // the table is in alphabetical order
    for (const Entry& entry : entries) {
      ReadKey(entry.name, *entry.node, fmt::format("{}:{}", path_, entry.line));
    }
    return std::move(reading_);
  }

 private:
  void ReadKey(std::string_view name, const toml::node& node, std::string origin) {
    auto texts = ReadValue(name, node);
    if (texts) {
      reading_.settings.push_back(
          {.name = std::string(name), .texts = *std::move(texts), .origin = std::move(origin)});
    } else {
      reading_.errors.push_back(
          fmt::format("{}: {}: {}", origin, Printable(name), texts.error().message));
    }
  }

  Result<Texts> ReadValue(std::string_view name, const toml::node& node) {
    const Option* option = set_.Find(name);
    if (option == nullptr) {
      return Fail(Code::kInvalid,
                  node.is_table()
                      ? "is a table, but every key stands at the top level, under its whole name"
                      : fmt::format("there is no such option{}", set_.Suggestion(name)));
    }
    if (option->reach != Reach::kEverywhere) {
      return Fail(Code::kInvalid, "cannot be set in a file");
    }
    auto texts = TextsOf(option->kind, node);
    if (!texts) {
      return Fail(Code::kInvalid, std::string(Demand(option->kind)));
    }
    if (is_open_to_others_ && HoldsSecret(*option, *texts)) {
      return Fail(Code::kInvalid,
                  fmt::format("is a secret, and the file is open to every user of this host: chmod "
                              "o= {}, or put the secret into a file of its own and name that with "
                              "{}-file",
                              path_, name));
    }
    return *std::move(texts);
  }

  const OptionSet& set_;
  const std::string& path_;
  bool is_open_to_others_;
  Reading reading_;
};

}  // namespace

Reading ReadConfigFile(const OptionSet& set, const std::string& path) {
  const auto file = ReadSmallFile(path, kConfigFileBytesMax);
  if (!file) {
    return {.settings = {}, .errors = {file.error().message}, .warnings = {}};
  }
  const auto parsed = toml::parse(std::string_view(file->text));
  if (!parsed) {
    const auto place = parsed.error().source().begin;
    const bool may_quote = MayQuote(set, LineOf(file->text, place.line));
    return {.settings = {},
            .errors = {fmt::format("{}:{}:{}: {}", path, place.line, place.column,
                                   may_quote ? parsed.error().description()
                                             : "this is not TOML; a text stands in quotes")},
            .warnings = {}};
  }
  return KeyReader(set, path, file->is_open_to_others).Read(parsed.table());
}

}  // namespace paddock::app::config
