#include "identity/services.h"

#include <utility>

namespace paddock::identity {

Services::Services(store::Database& store,
                   const ServicesConfig& config,
                   const boost::asio::any_io_executor& executor)
    : background(executor),
      database(store),
      name_space(config.name_space),
      audit(store, config.name_space),
      quotas(store, config.name_space, config.ceiling),
      classes(store, config.name_space, audit, quotas),
      sessions(store, config.name_space, config.session_lifetime, credentials, background),
      api_tokens(store, config.name_space, audit, credentials, background),
      passwords(config.password_cost),
      claims(store, config.name_space, config.transfer),
      admission(store, config.name_space, audit, credentials, sessions, claims),
      accounts(store, config.name_space, audit, credentials, admission, passwords, background),
      links(store, config.name_space, audit),
      sign_up({.database = store,
               .audit = audit,
               .cache = credentials,
               .admission = admission,
               .passwords = passwords,
               .classes = classes},
              config.name_space),
      directory(store, config.name_space, audit, credentials),
      acting(store, config.name_space, sessions, audit),
      sql_history(store, config.name_space),
      audit_age_max(config.audit_age_max) {
  if (config.provider) {
    ProviderAccounts known(store, config.name_space, audit, credentials, config.provider->config);
    provider = std::make_unique<ProviderSignIn>(*config.provider, executor, std::move(known),
                                                credentials, admission);
  }
}

void Services::Start() {
  background.Spawn(sessions.RunPruning());
  background.Spawn(audit.RunPruning(audit_age_max));
  background.Spawn(claims.Run());
}

aio::Task<void> Services::Close() {
  background.Cancel();
  co_await background.Join();
  if (provider != nullptr) {
    co_await provider->Close();
  }
}

}  // namespace paddock::identity
