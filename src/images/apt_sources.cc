#include "images/apt_sources.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <sstream>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "images/files.h"

namespace paddock::images {
namespace {

constexpr std::string_view kComponent = "main";
constexpr std::string_view kDebianKeyring = "debian-archive";
constexpr std::array<std::string_view, 3> kPockets{"", "-updates", "-security"};

std::vector<std::string> Words(std::string_view text) {
  std::istringstream stream{std::string(text)};
  return {std::istream_iterator<std::string>(stream), {}};
}

bool Contains(const std::vector<std::string>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

// "[arch=amd64 signed-by=/x]" in front of a one-line entry.
std::string SignedByOf(std::string_view options) {
  constexpr std::string_view kKey = "signed-by=";
  for (const std::string& option : Words(options)) {
    if (option.starts_with(kKey)) {
      return option.substr(kKey.size());
    }
  }
  return {};
}

void ParseLine(std::string_view line, std::vector<AptEntry>& entries) {
  std::string options;
  const std::size_t open = line.find('[');
  const std::size_t close = line.find(']');
  std::string rest(line.substr(0, line.find('#')));
  if (open != std::string_view::npos && close != std::string_view::npos && open < close) {
    options = line.substr(open + 1, close - open - 1);
    rest = std::string(line.substr(0, open)) + std::string(line.substr(close + 1));
    rest = rest.substr(0, rest.find('#'));
  }
  const auto words = Words(rest);
  if (words.size() >= 4 && words[0] == "deb" &&
      std::find(words.begin() + 3, words.end(), kComponent) != words.end()) {
    entries.push_back({.uri = words[1], .suite = words[2], .signed_by = SignedByOf(options)});
  }
}

using Stanza = std::map<std::string, std::string, std::less<>>;

std::string Lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

void ParseStanza(const Stanza& stanza, std::vector<AptEntry>& entries) {
  const auto value = [&](std::string_view key) {
    const auto found = stanza.find(key);
    return found == stanza.end() ? std::string() : found->second;
  };
  const auto enabled = Words(Lower(value("enabled")));
  const auto signed_by = Words(value("signed-by"));
  // A key that is written out in the entry cannot be handed on in a one-line entry.
  const bool has_inline_key = value("signed-by").find("BEGIN PGP") != std::string::npos;
  if ((!enabled.empty() && enabled[0] != "yes" && enabled[0] != "true") || has_inline_key ||
      !Contains(Words(value("types")), "deb") ||
      !Contains(Words(value("components")), kComponent)) {
    return;
  }
  for (const std::string& uri : Words(value("uris"))) {
    for (const std::string& suite : Words(value("suites"))) {
      entries.push_back({.uri = uri,
                         .suite = suite,
                         .signed_by = signed_by.empty() ? std::string() : signed_by[0]});
    }
  }
}

std::string HostSuite(std::string_view os_release) {
  constexpr std::string_view kKey = "VERSION_CODENAME=";
  for (const std::string& word : Words(os_release)) {
    if (word.starts_with(kKey)) {
      return word.substr(kKey.size());
    }
  }
  return {};
}

}  // namespace

std::vector<AptEntry> ParseOneLineEntries(std::string_view text) {
  std::vector<AptEntry> entries;
  std::istringstream stream{std::string(text)};
  for (std::string line; std::getline(stream, line);) {
    ParseLine(line, entries);
  }
  return entries;
}

std::vector<AptEntry> ParseDeb822Entries(std::string_view text) {
  std::vector<AptEntry> entries;
  Stanza stanza;
  std::string key;
  std::istringstream stream{std::string(text)};
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with('#')) {
      continue;
    }
    const std::size_t colon = line.find(':');
    if (Words(line).empty()) {
      ParseStanza(stanza, entries);
      stanza.clear();
      key.clear();
    } else if (line.starts_with(' ') || line.starts_with('\t')) {
      stanza[key] += " " + line;
    } else if (colon != std::string::npos) {
      key = Lower(line.substr(0, colon));
      stanza[key] = line.substr(colon + 1);
    }
  }
  ParseStanza(stanza, entries);
  return entries;
}

std::vector<std::string> SourcesFor(std::string_view suite,
                                    std::string_view host_suite,
                                    const std::vector<AptEntry>& host_entries) {
  std::vector<std::string> lines;
  for (const AptEntry& entry : host_entries) {
    const bool is_debian =
        entry.signed_by.empty() || entry.signed_by.find(kDebianKeyring) != std::string::npos;
    const auto pocket = std::ranges::find_if(kPockets, [&](std::string_view candidate) {
      return entry.suite == fmt::format("{}{}", host_suite, candidate);
    });
    if (!is_debian || pocket == kPockets.end() || entry.uri.starts_with("cdrom:")) {
      continue;
    }
    const std::string options =
        entry.signed_by.empty() ? "" : fmt::format("[signed-by={}] ", entry.signed_by);
    auto line = fmt::format("deb {}{} {}{} {}", options, entry.uri, suite, *pocket, kComponent);
    if (!Contains(lines, line)) {
      lines.push_back(std::move(line));
    }
  }
  return lines;
}

Result<std::vector<std::string>> ReadSourcesFor(std::string_view suite,
                                                const std::filesystem::path& apt_directory,
                                                const std::filesystem::path& os_release) {
  auto release = ReadFile(os_release);
  if (!release) {
    return Fail(std::move(release).error());
  }
  std::vector<std::filesystem::path> paths{apt_directory / "sources.list"};
  std::error_code error;
  for (auto file = std::filesystem::directory_iterator(apt_directory / "sources.list.d", error);
       !error && file != std::filesystem::directory_iterator(); file.increment(error)) {
    paths.push_back(file->path());
  }
  std::ranges::sort(paths);
  std::vector<AptEntry> entries;
  for (const auto& path : paths) {
    const bool is_deb822 = path.extension() == ".sources";
    const auto text =
        is_deb822 || path.extension() == ".list" ? ReadFile(path) : Result<std::string>("");
    if (text) {
      std::ranges::move(is_deb822 ? ParseDeb822Entries(*text) : ParseOneLineEntries(*text),
                        std::back_inserter(entries));
    }
  }
  const std::string host_suite = HostSuite(*release);
  auto lines = SourcesFor(suite, host_suite, entries);
  if (lines.empty()) {
    return Fail(Code::kUnavailable,
                fmt::format("{} has no entry for Debian's '{}' (component main): add the mirror to "
                            "build images from, or build on a Debian host",
                            apt_directory.native(), host_suite));
  }
  return lines;
}

}  // namespace paddock::images
