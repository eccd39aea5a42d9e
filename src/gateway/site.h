// The pages and the endpoints that are not the API: embedded web UI, /healthz, /readyz, /metrics,
// /openapi/openapi.yaml and /openapi/docs.
//
// Used by app/ once at start. Threading: loop thread only.
#pragma once

#include <functional>

#include "gateway/metrics.h"
#include "gateway/router.h"

namespace paddock::gateway {

struct SiteHooks {
  /// Ready to serve: kUnavailable with the reason, or success. Asked by /readyz.
  std::function<aio::Task<Result<void>>()> ready;
};

/// Adds the routes and the fallback to `router`. `metrics` outlives it.
void AddSite(Router& router, Metrics& metrics, SiteHooks hooks);

}  // namespace paddock::gateway
