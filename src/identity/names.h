// Names: what people may be called, to sign in and to be shown.
//
// The name to sign in with has a key, under which two names that look alike are one: ASCII letters
// without their case, full-width forms as plain ones. Whatever cannot be seen, or is drawn onto
// another character, is refused, and so are names that mix alphabets whose letters look the same.
//
// Threading: pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace paddock::identity {

inline constexpr std::size_t kNameCharactersMin = 2;
inline constexpr std::size_t kNameCharactersMax = 64;
inline constexpr std::size_t kDisplayNameCharactersMax = 80;
inline constexpr std::size_t kEmailBytesMax = 254;
inline constexpr std::size_t kNoteCharactersMax = 200;

/// The key of a name. kInvalid, in words for the user, when it is none that one may choose.
[[nodiscard]] Result<std::string> NameKey(std::string_view name);

/// kInvalid unless it is 1 to kDisplayNameCharactersMax visible characters, with single spaces
/// between them.
[[nodiscard]] Result<void> CheckDisplayName(std::string_view name);

/// As a display name, but it may be empty and is `characters_max` long at most; `what` it is
/// stands in the message.
[[nodiscard]] Result<void> CheckLine(std::string_view what,
                                     std::string_view text,
                                     std::size_t characters_max);

/// kInvalid unless it could be an address of e-mail; nobody has proven that it is theirs.
[[nodiscard]] Result<void> CheckEmail(std::string_view email);

}  // namespace paddock::identity
