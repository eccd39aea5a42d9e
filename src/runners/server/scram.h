// ScramVerifier: what PostgreSQL keeps of a password, made here, so that no password is sent to it.
//
// Used by PostgresDatabases. Threading: pure.
#pragma once

#include <string>
#include <string_view>

namespace paddock::runners::server {

/// "SCRAM-SHA-256$1:…", of one round only (RFC 5802 section 3): many rounds make guessing dear, and
/// nobody guesses a password of 192 random bits, while every clone's session pays for them.
[[nodiscard]] std::string ScramVerifier(std::string_view password, std::string_view salt);

}  // namespace paddock::runners::server
