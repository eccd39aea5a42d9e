#include "gateway/assets.h"

#include <algorithm>

#include <fmt/format.h>

namespace paddock::gateway {
namespace {

/// Pages may use their own files, and nothing else. Styles may be inline, as the terminal and the
/// editor make theirs while they run; scripts may not.
constexpr std::string_view kPagePolicy =
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' "
    "blob:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Whether `wanted` stands in the Accept-Encoding header without ";q=0".
bool Accepts(std::string_view header, std::string_view wanted) noexcept {
  while (!header.empty()) {
    const auto end = std::min(header.find(','), header.size());
    std::string_view entry = header.substr(0, end);
    header.remove_prefix(std::min(end + 1, header.size()));
    const auto first = std::min(entry.find_first_not_of(" \t"), entry.size());
    entry.remove_prefix(first);
    const std::string_view name = entry.substr(0, entry.find_first_of("; \t"));
    if (EqualsIgnoreCase(name, wanted)) {
      const auto weight = entry.find("q=");
      return weight == std::string_view::npos ||
             entry.substr(weight + 2).find_first_of("123456789") != std::string_view::npos;
    }
  }
  return false;
}

bool MatchesEtag(std::string_view header, std::string_view etag) noexcept {
  return header == "*" || header.find(etag) != std::string_view::npos;
}

}  // namespace

const Asset* FindAsset(std::span<const Asset> assets, std::string_view path) noexcept {
  const auto found = std::ranges::lower_bound(assets, path, {}, &Asset::path);
  return found != assets.end() && found->path == path ? &*found : nullptr;
}

Response ServeAsset(const Request& request, const Asset& asset) {
  const std::string_view accepted = request.Header("Accept-Encoding").value_or("");
  std::string_view bytes = asset.plain;
  std::string_view encoding;
  if (!asset.brotli.empty() && Accepts(accepted, "br")) {
    bytes = asset.brotli;
    encoding = "br";
  } else if (!asset.gzip.empty() && Accepts(accepted, "gzip")) {
    bytes = asset.gzip;
    encoding = "gzip";
  }
  // Each encoding is a representation of its own, so it has a tag of its own.
  const std::string etag =
      fmt::format("\"{}{}{}\"", asset.etag, encoding.empty() ? "" : "-", encoding);
  Response response;
  response.Set("ETag", etag).Set("Vary", "Accept-Encoding");
  response.Set("Cache-Control",
               asset.immutable ? "public, max-age=31536000, immutable" : "no-cache");
  if (asset.content_type.starts_with("text/html")) {
    // With 304 too: the browser puts the headers of that into its copy of the page.
    response.Set("Content-Security-Policy", std::string(kPagePolicy));
  }
  if (MatchesEtag(request.Header("If-None-Match").value_or(""), etag)) {
    response.status = 304;
    response.body = std::string();
    return response;
  }
  response.Set("Content-Type", std::string(asset.content_type));
  if (!encoding.empty()) {
    response.Set("Content-Encoding", std::string(encoding));
  }
  response.body = StaticBody{.bytes = bytes};
  return response;
}

}  // namespace paddock::gateway
