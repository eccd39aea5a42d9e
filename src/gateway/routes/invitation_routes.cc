#include "gateway/routes/invitation_routes.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json_writer.h"
#include "gateway/json_body.h"
#include "gateway/routes/directory_forms.h"
#include "gateway/routes/people_forms.h"
#include "identity/links.h"
#include "identity/names.h"

namespace paddock::gateway {
namespace {

using identity::Action;
using identity::Relation;

constexpr std::size_t kNoteBytesMax = 1000;
constexpr std::int64_t kDaysInitial = 7;

constexpr std::int64_t kUsesMax = 1000;
constexpr std::int64_t kDaysMax = 90;

using Wanted = identity::Links::Invitation;

/// Whatever both kinds have; what an admin may say besides is read by `read_more`.
template <class ReadMore>
Result<Wanted> ReadWanted(const Request& request, ReadMore read_more) {
  auto body = JsonBody::Parse(request.body);
  if (!body) {
    return Fail(std::move(body).error());
  }
  JsonObject root = body->root();
  Wanted wanted;
  wanted.note = root.OptionalText("note", {.bytes_max = kNoteBytesMax}).value_or(std::string());
  wanted.uses = root.Integer("uses", 1, 1, kUsesMax);
  wanted.lifetime = std::chrono::days(root.Integer("expires_in_days", kDaysInitial, 1, kDaysMax));
  read_more(root, wanted);
  auto valid = body->Finish();
  if (valid) {
    valid = identity::CheckLine("note", wanted.note, identity::kNoteCharactersMax);
  }
  if (!valid) {
    return Fail(std::move(valid).error());
  }
  return wanted;
}

void ReadAdminsPart(JsonObject& root, Wanted& wanted) {
  const auto role = root.Choice("role", "learner", {"learner", "teacher", "admin"});
  wanted.role = ParseRole(role).value_or(Role::kLearner);
  const auto class_id = root.OptionalText("class_id", {.bytes_min = 1, .bytes_max = 64});
  if (class_id && !IsIdText(*class_id)) {
    root.Reject("class_id", "must be the id of a class");
  } else if (class_id) {
    wanted.class_id = ClassId(*class_id);
  }
}

Response ListResponse(const Request& request, const Result<std::vector<store::LinkRecord>>& found) {
  if (!found) {
    return ErrorResponse(request, found.error());
  }
  JsonWriter out;
  out.BeginObject().Key("invitations").BeginArray();
  for (const store::LinkRecord& link : *found) {
    WriteInvitation(out, link);
  }
  out.EndArray().EndObject();
  return JsonResponse(200, std::move(out).Take());
}

Response MadeResponse(const Request& request, const Result<identity::NewLink>& made) {
  if (!made) {
    return ErrorResponse(request, made.error());
  }
  JsonWriter out;
  WriteInvitation(out, made->record, made->secret);
  return JsonResponse(201, std::move(out).Take());
}

/// Anybody may be invited by admins only.
Result<void> CheckAdmin(const Request& request) {
  return identity::Check(PrincipalOf(request), Action::kInvite, Relation::kOther);
}

}  // namespace

void InvitationRoutes::AddTo(Router& router) {
  const auto add = [&](Method method, const char* pattern, auto handler,
                       BodyKind body = BodyKind::kNone) {
    router.Add({.method = method,
                .pattern = pattern,
                .handler = [this, handler](Request& request) { return (this->*handler)(request); },
                .action = Action::kInvite,
                .body = body,
                .body_max = 16_KiB});
  };
  const auto body = BodyKind::kBuffered;
  using Routes = InvitationRoutes;
  add(Method::kGet, "/api/v1/invitations", &Routes::List);
  add(Method::kPost, "/api/v1/invitations", &Routes::Make, body);
  add(Method::kDelete, "/api/v1/invitations/{link_id}", &Routes::Revoke);
  add(Method::kGet, "/api/v1/classes/{class_id}/invitations", &Routes::ListOfClass);
  add(Method::kPost, "/api/v1/classes/{class_id}/invitations", &Routes::MakeForClass, body);
  add(Method::kDelete, "/api/v1/classes/{class_id}/invitations/{link_id}", &Routes::RevokeOfClass);
}

aio::Task<Response> InvitationRoutes::List(Request& request) {
  auto allowed = CheckAdmin(request);
  if (!allowed) {
    co_return ErrorResponse(request, allowed.error());
  }
  auto found =
      co_await context_.parts.identity.links.ListInvitations(std::nullopt, request.deadline);
  co_return ListResponse(request, found);
}

aio::Task<Response> InvitationRoutes::Make(Request& request) {
  auto allowed = CheckAdmin(request);
  if (!allowed) {
    co_return ErrorResponse(request, allowed.error());
  }
  auto wanted = ReadWanted(request, ReadAdminsPart);
  if (!wanted) {
    co_return ErrorResponse(request, wanted.error());
  }
  if (wanted->class_id) {
    auto found = co_await context_.parts.identity.classes.Find(
        PrincipalOf(request), *wanted->class_id, Action::kInvite, request.deadline);
    if (!found) {
      co_return ErrorResponse(request, found.error());
    }
  }
  auto made = co_await context_.parts.identity.links.MakeInvitation(
      AuditContextOf(request), *std::move(wanted), request.deadline);
  co_return MadeResponse(request, made);
}

aio::Task<Response> InvitationRoutes::Revoke(Request& request) {
  auto allowed = CheckAdmin(request);
  if (!allowed) {
    co_return ErrorResponse(request, allowed.error());
  }
  auto id = PathId<LinkId>(request, "link_id", "invitation");
  if (!id) {
    co_return ErrorResponse(request, id.error());
  }
  auto revoked = co_await context_.parts.identity.links.RevokeInvitation(
      AuditContextOf(request), *std::move(id), std::nullopt, request.deadline);
  co_return Answer(request, revoked);
}

aio::Task<Response> InvitationRoutes::ListOfClass(Request& request) {
  auto found = co_await FindClass(context_, request, Action::kInvite);
  if (!found) {
    co_return ErrorResponse(request, found.error());
  }
  auto links = co_await context_.parts.identity.links.ListInvitations(found->id, request.deadline);
  co_return ListResponse(request, links);
}

aio::Task<Response> InvitationRoutes::MakeForClass(Request& request) {
  auto found = co_await FindClass(context_, request, Action::kInvite);
  if (!found) {
    co_return ErrorResponse(request, found.error());
  }
  // Whoever comes into a class by an invitation is a learner in it, whatever else they are.
  auto wanted = ReadWanted(request, [](JsonObject&, Wanted&) {});
  if (!wanted) {
    co_return ErrorResponse(request, wanted.error());
  }
  wanted->class_id = found->id;
  auto made = co_await context_.parts.identity.links.MakeInvitation(
      AuditContextOf(request), *std::move(wanted), request.deadline);
  co_return MadeResponse(request, made);
}

aio::Task<Response> InvitationRoutes::RevokeOfClass(Request& request) {
  auto found = co_await FindClass(context_, request, Action::kInvite);
  if (!found) {
    co_return ErrorResponse(request, found.error());
  }
  auto id = PathId<LinkId>(request, "link_id", "invitation");
  if (!id) {
    co_return ErrorResponse(request, id.error());
  }
  auto revoked = co_await context_.parts.identity.links.RevokeInvitation(
      AuditContextOf(request), *std::move(id), found->id, request.deadline);
  co_return Answer(request, revoked);
}

}  // namespace paddock::gateway
