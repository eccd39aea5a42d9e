#include "gateway/routes/api.h"

#include <utility>

#include "gateway/routes/account_routes.h"
#include "gateway/routes/audit_routes.h"
#include "gateway/routes/authenticator.h"
#include "gateway/routes/authoring_routes.h"
#include "gateway/routes/challenge_routes.h"
#include "gateway/routes/class_routes.h"
#include "gateway/routes/context.h"
#include "gateway/routes/database_routes.h"
#include "gateway/routes/exec_route.h"
#include "gateway/routes/file_routes.h"
#include "gateway/routes/forward_route.h"
#include "gateway/routes/invitation_routes.h"
#include "gateway/routes/link_routes.h"
#include "gateway/routes/progress_routes.h"
#include "gateway/routes/provider_routes.h"
#include "gateway/routes/question_routes.h"
#include "gateway/routes/quota_routes.h"
#include "gateway/routes/sandbox_routes.h"
#include "gateway/routes/server_routes.h"
#include "gateway/routes/session_routes.h"
#include "gateway/routes/sign_in_routes.h"
#include "gateway/routes/sql_history_routes.h"
#include "gateway/routes/sql_routes.h"
#include "gateway/routes/system_routes.h"
#include "gateway/routes/terminal_routes.h"
#include "gateway/routes/transfer_routes.h"
#include "gateway/routes/user_routes.h"

namespace paddock::gateway {

struct Api::Impl {
  Impl(ApiConfig config, ApiParts parts) : context(std::move(config), parts) {}

  ApiContext context;
  Authenticator authenticator{context};
  SessionRoutes sessions{context};
  SignInRoutes sign_in{context};
  ProviderRoutes provider{context};
  LinkRoutes links{context};
  AccountRoutes account{context};
  SandboxRoutes sandboxes{context};
  ExecRoute exec{context};
  FileRoutes files{context};
  TransferRoutes transfers{context};
  TerminalRoutes terminals{context};
  SqlRoutes sql{context};
  SqlHistoryRoutes sql_history{context};
  DatabaseRoutes databases{context};
  ForwardRoute forward{context};
  ServerRoutes server{context};
  ClassRoutes classes{context};
  InvitationRoutes invitations{context};
  UserRoutes users{context};
  QuotaRoutes quotas{context};
  AuditRoutes audit{context};
  SystemRoutes system{context};
  QuestionRoutes questions{context};
  ProgressRoutes progress{context};
  AuthoringRoutes authoring{context};
  ChallengeRoutes challenges{context};
};

Api::Api(ApiConfig config, ApiParts parts)
    : impl_(std::make_unique<Impl>(std::move(config), parts)) {}

Api::~Api() { impl_->context.parts.identity.credentials.OnForgotten({}); }

void Api::AddAuthTo(Router& router) {
  router.SetAuthHook(
      [impl = impl_.get()](Request& request, const Route* route) {
        return impl->authenticator.Check(request, route);
      },
      [impl = impl_.get()](Request& request, const Route& route) {
        return impl->authenticator.LookUp(request, route);
      });
}

void Api::AddTo(Router& router) {
  ApiContext& context = impl_->context;
  context.parts.identity.credentials.OnForgotten([&context](const auto& is_such) {
    context.tickets.ForgetIf(is_such);
    context.open_streams.EndIf(is_such);
  });
  AddAuthTo(router);
  impl_->sessions.AddTo(router);
  impl_->sign_in.AddTo(router);
  impl_->provider.AddTo(router);
  impl_->links.AddTo(router);
  impl_->account.AddTo(router);
  impl_->sandboxes.AddTo(router);
  impl_->exec.AddTo(router);
  impl_->files.AddTo(router);
  impl_->transfers.AddTo(router);
  impl_->terminals.AddTo(router);
  impl_->sql.AddTo(router);
  impl_->sql_history.AddTo(router);
  impl_->databases.AddTo(router);
  impl_->forward.AddTo(router);
  impl_->server.AddTo(router);
  impl_->classes.AddTo(router);
  impl_->invitations.AddTo(router);
  impl_->users.AddTo(router);
  impl_->quotas.AddTo(router);
  impl_->audit.AddTo(router);
  impl_->system.AddTo(router);
  impl_->questions.AddTo(router);
  impl_->progress.AddTo(router);
  impl_->authoring.AddTo(router);
  impl_->challenges.AddTo(router);
  sandbox::Manager& manager = impl_->context.parts.manager;
  impl_->context.parts.metrics.AddProbe(
      "paddock_sandboxes", "Sandboxes that are not destroyed",
      [&manager] { return static_cast<double>(manager.live_count()); });
}

}  // namespace paddock::gateway
