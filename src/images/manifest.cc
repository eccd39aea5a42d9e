#include "images/manifest.h"

#include <cstdint>
#include <ctime>
#include <initializer_list>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "images/files.h"
#include "yaml/document.h"
#include "yaml/fields.h"

namespace paddock::images {
namespace {

constexpr std::uint64_t kFormat = 1;
constexpr const char* kTimeFormat = "%Y-%m-%dT%H:%M:%SZ";

std::string Quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      quoted += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

std::string QuoteMap(const std::map<std::string, std::string>& texts) {
  std::string quoted = "{";
  for (const auto& [key, value] : texts) {
    quoted += fmt::format("{}{}: {}", quoted.size() == 1 ? "" : ", ", Quote(key), Quote(value));
  }
  return quoted + "}";
}

std::string FormatTime(std::chrono::system_clock::time_point when) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(when);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::string text(sizeof "2026-01-01T00:00:00Z", '\0');
  text.resize(std::strftime(text.data(), text.size(), kTimeFormat, &utc));
  return text;
}

void ReadTime(yaml::Fields& fields, std::chrono::system_clock::time_point& when) {
  const std::string text = fields.RequiredText("built_at");
  std::tm utc{};
  const char* end = strptime(text.c_str(), kTimeFormat, &utc);
  if (end == nullptr || *end != '\0') {
    fields.Reject("built_at", "must be a time in UTC, as 2026-01-31T12:00:00Z");
    return;
  }
  when = std::chrono::system_clock::from_time_t(timegm(&utc));
}

void ReadIdentity(yaml::Fields& fields, Image& image) {
  if (fields.Number("format") != kFormat) {
    fields.Reject("format", fmt::format("must be {}", kFormat));
  }
  image.name = fields.RequiredText("name");
  if (!IsImageName(image.name)) {
    fields.Reject("name", "must be an image name");
  }
  image.digest = fields.RequiredText("digest");
  if (!IsDigest(image.digest)) {
    fields.Reject("digest", "must be a digest");
  }
  image.recipe_key = fields.RequiredText("recipe_key");
  if (!IsDigest(image.recipe_key)) {
    fields.Reject("recipe_key", "must be a digest");
  }
}

}  // namespace

std::string FormatManifest(const Image& image) {
  return fmt::format(
      "{{\n"
      "  \"format\": {},\n"
      "  \"name\": {},\n"
      "  \"digest\": {},\n"
      "  \"recipe_key\": {},\n"
      "  \"description\": {},\n"
      "  \"suite\": {},\n"
      "  \"env\": {},\n"
      "  \"cwd\": {},\n"
      "  \"boot\": {},\n"
      "  \"minimum\": {{\"memory_bytes\": {}, \"disk_bytes\": {}, \"process_count\": {}}},\n"
      "  \"built_at\": {},\n"
      "  \"size_bytes\": {}\n"
      "}}\n",
      kFormat, Quote(image.name), Quote(image.digest), Quote(image.recipe_key),
      QuoteMap(image.description), Quote(image.suite), QuoteMap(image.env), Quote(image.cwd),
      Quote(image.boot), image.minimum.memory.count, image.minimum.disk.count,
      image.minimum.process_count, Quote(FormatTime(image.built_at)), image.size.count);
}

Result<Image> ParseManifest(std::string_view text, std::string_view file_name) {
  auto document = yaml::Parse(text, file_name);
  if (!document) {
    return Fail(std::move(document).error());
  }
  yaml::Problems problems(file_name);
  yaml::Fields fields(*document, "",
                      {"format", "name", "digest", "recipe_key", "description", "suite", "env",
                       "cwd", "boot", "minimum", "built_at", "size_bytes"},
                      problems);
  Image image;
  ReadIdentity(fields, image);
  image.description = fields.TextMap("description");
  image.suite = fields.RequiredText("suite");
  image.env = fields.TextMap("env");
  image.cwd = fields.RequiredText("cwd");
  image.boot = fields.Text("boot").value_or("");
  if (const yaml::Node* node = fields.Map("minimum")) {
    yaml::Fields minimum(*node, "minimum", {"memory_bytes", "disk_bytes", "process_count"},
                         problems);
    image.minimum.memory = {minimum.Number("memory_bytes").value_or(0)};
    image.minimum.disk = {minimum.Number("disk_bytes").value_or(0)};
    image.minimum.process_count = static_cast<int>(minimum.Number("process_count").value_or(0));
  }
  ReadTime(fields, image.built_at);
  image.size = {fields.Number("size_bytes").value_or(0)};
  auto outcome = problems.Outcome();
  if (!outcome) {
    return Fail(std::move(outcome).error());
  }
  return image;
}

Result<Image> ReadManifest(const std::filesystem::path& image_directory) {
  const auto path = image_directory / "manifest.json";
  auto text = ReadFile(path);
  if (!text) {
    return Fail(std::move(text).error());
  }
  auto image = ParseManifest(*text, path.native());
  if (!image) {
    return Fail(Code::kInternal, "damaged manifest: " + image.error().message);
  }
  image->rootfs = image_directory / "rootfs";
  return image;
}

}  // namespace paddock::images
