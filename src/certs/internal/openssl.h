// OpenSSL's objects with owners, and between them and PEM text.
//
// Used by this part only. Blocks on nothing; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/result.h"
#include "certs/certificate.h"
#include "crypto/owned.h"

namespace paddock::certs::internal {

using Key = crypto::Owned<EVP_PKEY, EVP_PKEY_free>;
using Signed = crypto::Owned<X509, X509_free>;

/// kInternal, or kInvalid of outside input, with OpenSSL's own reason, whose queue is emptied.
[[nodiscard]] std::unexpected<Error> FailOpenSsl(Code code, std::string_view what);

[[nodiscard]] Result<std::string> PemOf(const Key& key);
[[nodiscard]] Result<std::string> PemOf(const Signed& certificate);

/// `place` names the text in messages. Fail with kInvalid.
[[nodiscard]] Result<Key> KeyOf(std::string_view pem, std::string_view place);
/// All certificates in the text, at least one.
[[nodiscard]] Result<std::vector<Signed>> CertificatesOf(std::string_view pem,
                                                         std::string_view place);

[[nodiscard]] Certificate Describe(const Signed& certificate);

}  // namespace paddock::certs::internal
