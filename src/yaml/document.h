// yaml: a strict reader of YAML 1.2 (and so of JSON) files that people write by hand.
//
// Used for image recipes and manifests. Strict means: duplicate keys, aliases, anchors, tags,
// several documents in one file and keys that are not plain text are refused, because each of them
// makes a file mean something else than it seems to say.
//
// Threading: everything here is a plain value; use from any thread. Blocking.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/units.h"

namespace paddock::yaml {

inline constexpr Bytes kDocumentSizeMax = 1_MiB;

struct Entry;

/// One value and the line (from 1) on which it starts.
struct Node {
  enum class Kind { kScalar, kList, kMap };

  Kind kind = Kind::kScalar;
  int line = 1;
  std::string scalar;
  bool is_quoted = false;      // "1" and '1' and block text are strings, 1 is not
  std::vector<Node> items;     // of a list
  std::vector<Entry> entries;  // of a map, in the order of the file

  /// The value of `key` in a map, or null.
  [[nodiscard]] const Node* Find(std::string_view key) const noexcept;
};

struct Entry {
  std::string key;
  int line = 1;
  Node value;
};

/// Reads one document. `file_name` only serves in messages: "base.yaml:3: duplicate key".
/// Fails with kInvalid.
[[nodiscard]] Result<Node> Parse(std::string_view text, std::string_view file_name);

}  // namespace paddock::yaml
