// What the routes of classes and users share: reading their paths, finding a class for an action,
// and the forms of classes, members, users and invitations in answers.
//
// Used by the class, invitation and user routes. Threading: loop thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/json_writer.h"
#include "gateway/routes/context.h"
#include "identity/policy.h"
#include "store/classes.h"
#include "store/links.h"
#include "store/user_directory.h"

namespace paddock::gateway {

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

void WriteNullable(JsonWriter& out, JsonName name, const std::optional<std::string>& text);

/// A page of `rows`, which were read with one more than `limit`: {NAME: [...], "next"}. `write`
/// writes one row; `id` says where the page after it begins.
template <class Row, class Write, class Id>
[[nodiscard]] Response PageResponse(
    JsonName name, std::span<const Row> rows, std::int64_t limit, Write write, Id id) {
  const bool has_more = rows.size() > static_cast<std::size_t>(limit);
  if (has_more) {
    rows = rows.first(static_cast<std::size_t>(limit));
  }
  JsonWriter out;
  out.BeginObject().Key(name).BeginArray();
  for (const Row& row : rows) {
    write(out, row);
  }
  out.EndArray();
  WriteNullable(out, "next", has_more ? std::optional(id(rows.back())) : std::nullopt);
  out.EndObject();
  return JsonResponse(200, std::move(out).Take());
}

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
