#include "questions/visibility.h"

#include "model/ids.h"

namespace paddock::questions {

bool IsVisibility(std::string_view text) noexcept {
  return text == kEveryone || text == kAccounts || text == kTeachers ||
         (text.starts_with(kClassPrefix) && IsIdText(text.substr(kClassPrefix.size())));
}

bool IsVisible(std::string_view visibility, const Reader& reader) {
  if (reader.may_author || visibility == kEveryone) {
    return true;
  }
  if (visibility == kAccounts) {
    return reader.role > Role::kGuest;
  }
  return visibility.starts_with(kClassPrefix) &&
         reader.classes.contains(std::string(visibility.substr(kClassPrefix.size())));
}

}  // namespace paddock::questions
