// What documents are read from: YAML, and the files that it names, all of it UTF-8. Private to this
// folder.
//
// Used by document.h. Threading: pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "questions/document.h"
#include "yaml/document.h"

namespace paddock::questions {

/// Nothing when it cannot be read at all; why is in `problems` then.
[[nodiscard]] std::optional<yaml::Node> ReadDocument(std::string_view text,
                                                     yaml::Problems& problems);

/// A file that a document names. Fails as `files`, and with kInvalid when it is no UTF-8.
[[nodiscard]] Result<std::string> ReadNamed(const FileReader& files, std::string_view name);

}  // namespace paddock::questions
