// NameServer: says in a TLS handshake which server is meant, for one may have several certificates.
//
// Used by whoever begins TLS as a client. Threading: any, one handle at a time.
#pragma once

#include <string>

#include <openssl/ssl.h>

namespace paddock::egress {

/// Before the handshake of `handle`. An address is no name: nothing is said then.
void NameServer(SSL* handle, const std::string& host);

}  // namespace paddock::egress
