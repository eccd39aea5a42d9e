// The files inside the binary: the built web UI and the API's description.
//
// Used by site.cc. The table is made at build time by tools/embed_assets.py, sorted by path, and is
// empty of pages when web/dist was not built. Pure; any thread.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "gateway/http.h"

namespace paddock::gateway {

struct Asset {
  std::string_view path;  // of the URL: "/assets/index-a1b2c3d4.js"
  std::string_view content_type;
  std::string_view etag;  // without quotes; of the plain form
  std::string_view plain;
  std::string_view gzip;    // empty: not worth it
  std::string_view brotli;  // the same
  bool immutable = false;   // its name changes with its content
};

[[nodiscard]] std::span<const Asset> EmbeddedAssets() noexcept;

/// Null when there is none. `assets` is sorted by path.
[[nodiscard]] const Asset* FindAsset(std::span<const Asset> assets, std::string_view path) noexcept;

/// 200 in the best encoding that the client takes, or 304 when it has the asset already.
[[nodiscard]] Response ServeAsset(const Request& request, const Asset& asset);

}  // namespace paddock::gateway
