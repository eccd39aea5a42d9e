#include "gateway/routes/directory_forms.h"

#include "gateway/routes/forms.h"
#include "gateway/routes/quota_forms.h"
#include "identity/join_code.h"

namespace paddock::gateway {
namespace {

using identity::Action;
using identity::Relation;

std::string_view Name(Relation relation) noexcept {
  switch (relation) {
    case Relation::kOwn: return "own";
    case Relation::kClass: return "class";
    case Relation::kOther: return "other";
  }
  return "other";
}

void WriteTime(JsonWriter& out, JsonName name, SystemTime time) {
  out.Field(name, TimeText(time).text());
}

}  // namespace

aio::Task<Result<store::ClassRecord>> FindClass(ApiContext& context,
                                                const Request& request,
                                                identity::Action action) {
  auto id = PathId<ClassId>(request, "class_id", "class");
  if (!id) {
    co_return Fail(std::move(id).error());
  }
  auto found = co_await context.parts.identity.classes.Find(PrincipalOf(request), *std::move(id),
                                                            action, request.deadline);
  co_return found;
}

void WriteNullable(JsonWriter& out, JsonName name, const std::optional<std::string>& text) {
  out.Key(name);
  if (text) {
    out.Text(*text);
  } else {
    out.Null();
  }
}

void WriteClass(JsonWriter& out,
                const store::ClassRecord& record,
                const identity::Principal& reader) {
  const Relation relation = identity::RelationTo(record, reader.user);
  out.BeginObject()
      .Field("id", std::string_view(record.id.value()))
      .Field("name", std::string_view(record.name))
      .Key("teacher")
      .BeginObject()
      .Field("id", std::string_view(record.teacher.value()))
      .Field("display_name", std::string_view(record.teacher_name))
      .EndObject()
      .Field("member_count", record.member_count);
  WriteTime(out, "created_at", record.created_at);
  out.Field("relation", Name(relation));
  if (identity::Check(reader, Action::kManageClass, relation)) {
    const std::string code = identity::FormatJoinCode(record.join_code);
    out.Field("join_code", std::string_view(code)).Field("joinable", record.joinable);
    WriteQuota(out.Key("quota"), record.quota);
  } else {
    out.Key("join_code").Null().Key("joinable").Null().Key("quota").Null();
  }
  out.EndObject();
}

void WriteMember(JsonWriter& out, const store::MemberRecord& member, int sandbox_count) {
  out.BeginObject()
      .Field("id", std::string_view(member.id.value()))
      .Field("display_name", std::string_view(member.display_name));
  WriteNullable(out, "name", member.name);
  WriteTime(out, "joined_at", member.joined_at);
  out.Field("sandbox_count", sandbox_count).EndObject();
}

void WriteDirectoryEntry(JsonWriter& out, const store::DirectoryEntry& user, int sandbox_count) {
  out.BeginObject()
      .Field("id", std::string_view(user.id.value()))
      .Field("role", paddock::Name(user.role));
  WriteNullable(out, "name", user.name);
  out.Field("display_name", std::string_view(user.display_name));
  WriteNullable(out, "email", user.email);
  out.Field("language", std::string_view(user.language))
      .Field("theme", std::string_view(user.theme))
      .Field("has_password", user.has_password);
  WriteTime(out, "created_at", user.created_at);
  out.Field("disabled", user.is_disabled);
  WriteTime(out, "seen_at", user.seen_at);
  out.Field("sandbox_count", sandbox_count).Field("class_count", user.class_count).EndObject();
}

void WriteInvitation(JsonWriter& out,
                     const store::LinkRecord& link,
                     const std::optional<std::string>& secret) {
  out.BeginObject()
      .Field("id", std::string_view(link.id.value()))
      .Field("role", paddock::Name(link.role));
  WriteNullable(out, "class_id",
                link.class_id ? std::optional(link.class_id->value()) : std::nullopt);
  out.Field("note", std::string_view(link.note));
  WriteTime(out, "created_at", link.created_at);
  WriteTime(out, "expires_at", link.expires_at);
  out.Field("uses_left", link.uses_left);
  if (secret) {
    out.Field("secret", std::string_view(*secret));
  }
  out.EndObject();
}

}  // namespace paddock::gateway
