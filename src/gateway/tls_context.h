// TlsContext: certificate and key for new TLS connections, loaded again on demand.
//
// Used by the server. Threading: loop thread only.
#pragma once

#include <memory>
#include <string>

#include <openssl/types.h>

#include "base/result.h"

namespace paddock::gateway {

class TlsContext {
 public:
  TlsContext();
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  /// PEM files. kInvalid: unreadable, or key and certificate do not belong together; then what was
  /// loaded before stays in use.
  [[nodiscard]] Result<void> Load(const std::string& certificate_file, const std::string& key_file);
  [[nodiscard]] bool is_loaded() const noexcept { return context_ != nullptr; }
  /// A new server-side SSL, owned by the caller; null when out of memory.
  [[nodiscard]] SSL* NewSsl() const;

 private:
  struct Free {
    void operator()(SSL_CTX* context) const noexcept;
  };
  std::unique_ptr<SSL_CTX, Free> context_;
};

}  // namespace paddock::gateway
