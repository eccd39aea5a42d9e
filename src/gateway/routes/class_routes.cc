#include "gateway/routes/class_routes.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/json_writer.h"
#include "gateway/json_body.h"
#include "gateway/routes/directory_forms.h"
#include "gateway/routes/page_query.h"
#include "gateway/routes/people_forms.h"
#include "gateway/routes/quota_forms.h"
#include "identity/names.h"

namespace paddock::gateway {
namespace {

// A class of 300 behind one address may come all at once, and mistype; a code is one of 25^8.
constexpr identity::Rate kUserJoins{.per_second = 0.1, .burst = 20};
constexpr identity::Rate kAddressJoins{.per_second = 2, .burst = 600};
constexpr std::size_t kCodeBytesMax = 32;

using identity::Action;

constexpr std::size_t kNameBytesMax = 400;
constexpr std::size_t kNameCharactersMax = 80;

Result<std::string> ReadName(const Request& request) {
  auto body = JsonBody::Parse(request.body);
  if (!body) {
    return Fail(std::move(body).error());
  }
  JsonObject root = body->root();
  std::string name = root.RequiredText("name", {.bytes_min = 1, .bytes_max = kNameBytesMax});
  auto valid = body->Finish();
  if (valid) {
    valid = identity::CheckLine("name", name, kNameCharactersMax);
  }
  if (!valid) {
    return Fail(std::move(valid).error());
  }
  return name;
}

Result<std::string> ReadCode(const Request& request) {
  auto body = JsonBody::Parse(request.body);
  if (!body) {
    return Fail(std::move(body).error());
  }
  std::string code =
      body->root().RequiredText("code", {.bytes_min = 1, .bytes_max = kCodeBytesMax});
  auto valid = body->Finish();
  if (!valid) {
    return Fail(std::move(valid).error());
  }
  return code;
}

Result<store::ClassChange> ReadChange(const Request& request) {
  auto body = JsonBody::Parse(request.body);
  if (!body) {
    return Fail(std::move(body).error());
  }
  JsonObject root = body->root();
  store::ClassChange change;
  change.name = root.OptionalText("name", {.bytes_min = 1, .bytes_max = kNameBytesMax});
  if (root.Has("joinable")) {
    change.joinable = root.Boolean("joinable", true);
  }
  JsonObject quota = root.Object("quota");
  if (quota.present()) {
    change.quota = ReadQuota(quota);
  }
  const auto teacher = root.OptionalText("teacher_id", {.bytes_min = 1, .bytes_max = 64});
  if (teacher && !IsIdText(*teacher)) {
    root.Reject("teacher_id", "must be the id of a teacher");
  } else if (teacher) {
    change.teacher = UserId(*teacher);
  }
  auto valid = body->Finish();
  if (valid && change.name) {
    valid = identity::CheckLine("name", *change.name, kNameCharactersMax);
  }
  if (!valid) {
    return Fail(std::move(valid).error());
  }
  return change;
}

}  // namespace

ClassRoutes::ClassRoutes(ApiContext& context)
    : context_(context),
      user_joins_(kUserJoins, context.config.limits.rate_key_count_max),
      address_joins_(kAddressJoins, context.config.limits.rate_key_count_max) {}

void ClassRoutes::AddTo(Router& router) {
  const auto add = [&](Method method, const char* pattern, Action action, auto handler,
                       BodyKind body = BodyKind::kNone) {
    router.Add({.method = method,
                .pattern = pattern,
                .handler = [this, handler](Request& request) { return (this->*handler)(request); },
                .action = action,
                .body = body,
                .body_max = 16_KiB});
  };
  const auto buffered = BodyKind::kBuffered;
  using Routes = ClassRoutes;
  add(Method::kGet, "/api/v1/classes", Action::kReadClass, &Routes::List);
  add(Method::kPost, "/api/v1/classes", Action::kCreateClass, &Routes::Create, buffered);
  add(Method::kPost, "/api/v1/classes/join", Action::kJoinClass, &Routes::Join, buffered);
  add(Method::kGet, "/api/v1/classes/{class_id}", Action::kReadClass, &Routes::Get);
  add(Method::kPatch, "/api/v1/classes/{class_id}", Action::kManageClass, &Routes::Change,
      buffered);
  add(Method::kDelete, "/api/v1/classes/{class_id}", Action::kManageClass, &Routes::Delete);
  add(Method::kPost, "/api/v1/classes/{class_id}/code", Action::kManageClass, &Routes::RenewCode);
  add(Method::kGet, "/api/v1/classes/{class_id}/members", Action::kReadMembers, &Routes::Members);
  // Leaving is a learner's; whoever removes somebody else is asked for more by the handler.
  add(Method::kDelete, "/api/v1/classes/{class_id}/members/{user_id}", Action::kReadClass,
      &Routes::RemoveMember);
}

Response ClassRoutes::ClassResponse(const Request& request,
                                    int status,
                                    const Result<store::ClassRecord>& found) const {
  if (!found) {
    return ErrorResponse(request, found.error());
  }
  JsonWriter out;
  WriteClass(out, *found, PrincipalOf(request));
  return JsonResponse(status, std::move(out).Take());
}

aio::Task<Response> ClassRoutes::List(Request& request) {
  const identity::Principal& caller = PrincipalOf(request);
  auto all = ReadTruthFilter(request, "all");
  if (all && *all) {
    auto allowed = identity::Check(caller, Action::kReadClass, identity::Relation::kOther);
    if (!allowed) {
      co_return ErrorResponse(request, allowed.error());
    }
  }
  if (!all) {
    co_return ErrorResponse(request, all.error());
  }
  identity::Classes& classes = context_.parts.identity.classes;
  auto listing = *all ? classes.ListAll(caller.user, request.deadline)
                      : classes.ListMine(caller.user, request.deadline);
  auto found = co_await std::move(listing);
  if (!found) {
    co_return ErrorResponse(request, found.error());
  }
  JsonWriter out;
  out.BeginObject().Key("classes").BeginArray();
  for (const store::ClassRecord& record : *found) {
    WriteClass(out, record, caller);
  }
  out.EndArray().EndObject();
  co_return JsonResponse(200, std::move(out).Take());
}

aio::Task<Response> ClassRoutes::Create(Request& request) {
  auto name = ReadName(request);
  if (!name) {
    co_return ErrorResponse(request, name.error());
  }
  auto created = co_await context_.parts.identity.classes.Create(
      AuditContextOf(request), *std::move(name), request.deadline);
  Response response = ClassResponse(request, 201, created);
  if (created) {
    response.Set("Location", fmt::format("/api/v1/classes/{}", created->id.value()));
  }
  co_return response;
}

aio::Task<Response> ClassRoutes::Get(Request& request) {
  auto found = co_await FindClass(context_, request, Action::kReadClass);
  co_return ClassResponse(request, 200, found);
}

aio::Task<Response> ClassRoutes::Change(Request& request) {
  auto found = co_await FindClass(context_, request, Action::kManageClass);
  if (!found) {
    co_return ErrorResponse(request, found.error());
  }
  auto change = ReadChange(request);
  if (!change) {
    co_return ErrorResponse(request, change.error());
  }
  auto changed = co_await context_.parts.identity.classes.Change(
      AuditContextOf(request), *std::move(found), *std::move(change), request.deadline);
  co_return ClassResponse(request, 200, changed);
}

aio::Task<Response> ClassRoutes::Delete(Request& request) {
  auto found = co_await FindClass(context_, request, Action::kManageClass);
  if (!found) {
    co_return ErrorResponse(request, found.error());
  }
  auto deleted = co_await context_.parts.identity.classes.Delete(
      AuditContextOf(request), *std::move(found), request.deadline);
  co_return Answer(request, deleted);
}

aio::Task<Response> ClassRoutes::RenewCode(Request& request) {
  auto found = co_await FindClass(context_, request, Action::kManageClass);
  if (!found) {
    co_return ErrorResponse(request, found.error());
  }
  auto renewed = co_await context_.parts.identity.classes.RenewCode(
      AuditContextOf(request), *std::move(found), request.deadline);
  co_return ClassResponse(request, 200, renewed);
}

aio::Task<Response> ClassRoutes::Members(Request& request) {
  auto page = ReadPage(request);
  if (!page) {
    co_return ErrorResponse(request, page.error());
  }
  auto found = co_await FindClass(context_, request, Action::kReadMembers);
  if (!found) {
    co_return ErrorResponse(request, found.error());
  }
  const store::PageQuery query{.after = page->after, .limit = page->limit + 1};
  auto members =
      co_await context_.parts.identity.classes.Members(found->id, query, request.deadline);
  if (!members) {
    co_return ErrorResponse(request, members.error());
  }
  co_return PageResponse(
      "members", std::span<const store::MemberRecord>(*members), page->limit,
      [this](JsonWriter& out, const store::MemberRecord& member) {
        WriteMember(out, member, context_.parts.manager.CountOf(member.id));
      },
      [](const store::MemberRecord& member) { return member.id.value(); });
}

aio::Task<Response> ClassRoutes::RemoveMember(Request& request) {
  auto member = PathId<UserId>(request, "user_id", "member");
  if (!member) {
    co_return ErrorResponse(request, member.error());
  }
  const auto action =
      *member == PrincipalOf(request).user ? Action::kLeaveClass : Action::kManageClass;
  auto found = co_await FindClass(context_, request, action);
  if (!found) {
    co_return ErrorResponse(request, found.error());
  }
  auto removed = co_await context_.parts.identity.classes.RemoveMember(
      AuditContextOf(request), *std::move(found), *std::move(member), request.deadline);
  co_return Answer(request, removed);
}

aio::Task<Response> ClassRoutes::Join(Request& request) {
  auto code = ReadCode(request);
  if (!code) {
    co_return ErrorResponse(request, code.error());
  }
  auto within = Spend(user_joins_, PrincipalOf(request).user.value(), request);
  if (within) {
    within = Spend(address_joins_, request.limit_key, request);
  }
  if (!within) {
    co_return ErrorResponse(request, within.error());
  }
  auto joined = co_await context_.parts.identity.classes.Join(AuditContextOf(request),
                                                              *std::move(code), request.deadline);
  co_return ClassResponse(request, 200, joined);
}

}  // namespace paddock::gateway
