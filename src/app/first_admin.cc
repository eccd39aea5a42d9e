#include "app/first_admin.h"

#include <utility>

namespace paddock::app {

aio::Task<Result<std::optional<std::string>>> FirstAdminPath(identity::Services& services,
                                                             Deadline deadline) {
  auto has_admin = co_await services.accounts.HasAdmin(deadline);
  if (!has_admin) {
    co_return Fail(std::move(has_admin).error());
  }
  if (*has_admin) {
    co_return std::nullopt;
  }
  auto path = co_await NewAdminPath(services.links, deadline);
  if (!path) {
    co_return Fail(std::move(path).error());
  }
  co_return *std::move(path);
}

aio::Task<Result<std::string>> NewAdminPath(identity::Links& links, Deadline deadline) {
  auto link = co_await links.MakeFirstAdmin(deadline);
  if (!link) {
    co_return Fail(std::move(link).error());
  }
  co_return "/welcome#" + link->secret;
}

}  // namespace paddock::app
