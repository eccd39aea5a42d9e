// Owners of the objects of OpenSSL that keys and signatures are made of.
//
// Used inside this part only.
#pragma once

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "crypto/owned.h"

namespace paddock::oidc {

using BigNumber = crypto::Owned<BIGNUM, BN_free>;
using DigestContext = crypto::Owned<EVP_MD_CTX, EVP_MD_CTX_free>;
using EcSignature = crypto::Owned<ECDSA_SIG, ECDSA_SIG_free>;
using Key = crypto::Owned<EVP_PKEY, EVP_PKEY_free>;
using KeyContext = crypto::Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using ParameterBuilder = crypto::Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using ParameterList = crypto::Owned<OSSL_PARAM, OSSL_PARAM_free>;

}  // namespace paddock::oidc
