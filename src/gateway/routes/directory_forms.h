// What the routes of classes and users share: reading their paths, finding a class for an action,
// and the forms of classes, members, users and invitations in answers.
//
// Used by the class, invitation and user routes. Threading: loop thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "gateway/routes/context.h"
#include "gateway/routes/json_writer.h"
#include "identity/policy.h"
#include "store/classes.h"
#include "store/links.h"
#include "store/user_directory.h"

namespace paddock::gateway {

/// The caller and where they are, for the audit log.
[[nodiscard]] identity::AuditContext AuditOf(const Request& request);

/// The id in the path. A text that is no id names nothing: kNotFound.
template <class IdType>
[[nodiscard]] Result<IdType> PathId(const Request& request,
                                    std::string_view parameter,
                                    std::string_view what) {
  const auto text = request.Parameter(parameter);
  if (!IsIdText(text)) {
    return Fail(Code::kNotFound, fmt::format("There is no such {}.", what));
  }
  return IdType(std::string(text));
}

/// The class in the path, for a caller who may do `action` with it. Fails like
/// identity::Classes::Find.
[[nodiscard]] aio::Task<Result<store::ClassRecord>> FindClass(ApiContext& context,  // outlives it
                                                              const Request& request,
                                                              identity::Action action);

/// Shortens `list`, which was read with one more than `limit`; says whether there is another page.
template <class T>
[[nodiscard]] bool CutToPage(std::vector<T>& list, std::int64_t limit) {
  const auto size = static_cast<std::size_t>(limit);
  const bool has_more = list.size() > size;
  if (has_more) {
    list.erase(list.begin() + limit, list.end());
  }
  return has_more;
}
/// "next": where the next page begins.
void WriteNext(JsonWriter& out, const std::optional<std::string>& next);

void WriteNullable(JsonWriter& out, JsonName name, const std::optional<std::string>& text);

/// With code and quota for who may change the class.
void WriteClass(JsonWriter& out,
                const store::ClassRecord& record,
                const identity::Principal& reader);
void WriteMember(JsonWriter& out, const store::MemberRecord& member, int sandbox_count);
void WriteDirectoryEntry(JsonWriter& out, const store::DirectoryEntry& user, int sandbox_count);
/// The secret is for who made it, and absent for everybody else.
void WriteInvitation(JsonWriter& out,
                     const store::LinkRecord& link,
                     const std::optional<std::string>& secret = std::nullopt);

}  // namespace paddock::gateway
