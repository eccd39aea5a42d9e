// JsonObject: strict reading of a JSON request body, with messages that name the field.
//
// Used by the routes. Each getter marks its field as known; Finish() rejects what is left over.
// The first failure wins and every later getter returns its fallback, so that a route reads all
// its fields and asks once:
//
//   auto body = JsonBody::Parse(request.body);           // kInvalid: no JSON object
//   ...
//   JsonObject limits = body->Object("limits");          // optional sub-object
//   auto memory = limits.Integer("memory_bytes", 256 << 20, 16 << 20, 8LL << 30);
//   if (auto valid = body->Finish(); !valid) return Fail(valid.error());
//   // "limits.memory_bytes must be an integer from 16777216 to 8589934592"
//
// Threading: any one thread. Failures are kInvalid with a message meant for the client.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace paddock::gateway {

struct TextRule {
  std::size_t bytes_min = 0;
  std::size_t bytes_max = 4096;
  bool nul_allowed = false;
};

/// A view of one object inside a JsonBody, which must outlive it. A missing or null optional
/// object is an empty view: its getters return their fallbacks.
class JsonObject {
 public:
  [[nodiscard]] bool present() const noexcept;
  [[nodiscard]] bool Has(std::string_view name);  // present and not null; marks it as known

  [[nodiscard]] std::int64_t Integer(std::string_view name,
                                     std::int64_t fallback,
                                     std::int64_t min,
                                     std::int64_t max);
  [[nodiscard]] std::optional<std::int64_t> OptionalInteger(std::string_view name,
                                                            std::int64_t min,
                                                            std::int64_t max);
  [[nodiscard]] std::int64_t RequiredInteger(std::string_view name,
                                             std::int64_t min,
                                             std::int64_t max);
  [[nodiscard]] bool Boolean(std::string_view name, bool fallback);
  [[nodiscard]] std::optional<std::string> OptionalText(std::string_view name, TextRule rule);
  [[nodiscard]] std::string RequiredText(std::string_view name, TextRule rule);
  /// One of `choices`, or `fallback` when missing.
  [[nodiscard]] std::string Choice(std::string_view name,
                                   std::string_view fallback,
                                   const std::vector<std::string_view>& choices);
  [[nodiscard]] std::optional<std::vector<std::string>> OptionalTexts(std::string_view name,
                                                                      std::size_t count_min,
                                                                      std::size_t count_max,
                                                                      TextRule rule);
  /// An object of strings, e.g. "env".
  [[nodiscard]] std::map<std::string, std::string> TextMap(std::string_view name,
                                                           std::size_t count_max,
                                                           TextRule key_rule,
                                                           TextRule value_rule);
  [[nodiscard]] JsonObject Object(std::string_view name);
  /// A rule of the route's own: "argv and shell exclude each other". Kept if it is the first.
  void Reject(std::string_view name, std::string_view what);

 private:
  friend class JsonBody;
  struct Node;
  explicit JsonObject(Node* node) : node_(node) {}
  Node* node_;  // null: not there
};

/// Owns the parsed document. At most 32 levels deep. Of a name given twice the last one counts.
class JsonBody {
 public:
  /// An empty `text` counts as {}: every field may be optional.
  [[nodiscard]] static Result<JsonBody> Parse(std::string_view text);
  JsonBody(JsonBody&&) noexcept;
  JsonBody& operator=(JsonBody&&) noexcept;
  ~JsonBody();

  [[nodiscard]] JsonObject root() noexcept;
  /// The first failure of any getter, or the first field nobody asked for.
  [[nodiscard]] Result<void> Finish() const;

 private:
  friend class JsonObject;
  struct State;
  explicit JsonBody(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace paddock::gateway
