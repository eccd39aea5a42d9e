#include "images/sha256.h"

#include "crypto/sha256.h"

namespace paddock::images {

std::string Sha256(std::string_view content) { return "sha256:" + crypto::Sha256Of(content); }

}  // namespace paddock::images
