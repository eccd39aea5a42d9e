// The steps of stories, read.
//
// Used by table.cc. Threading: plain values.
#pragma once

#include <string>
#include <string_view>

#include "table.h"
#include "yaml/fields.h"

namespace paddock::tables {

inline constexpr std::string_view kNobody = "nobody";
inline constexpr std::uint64_t kQuestionsMax = 200;  // of one step

/// Adds the steps of the list `node` to `story`, whose people they name.
void ReadSteps(const yaml::Node& node,
               const std::string& path,
               Story& story,
               yaml::Problems& problems);

}  // namespace paddock::tables
