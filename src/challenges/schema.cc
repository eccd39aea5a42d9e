#include <array>
#include <utility>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "challenges/runner.h"

namespace paddock::challenges {

SchemaRef MakeSchema(sql::Dialect dialect, std::string script) {
  std::string text(Name(dialect));
  text += '\0';  // in no name, so that no two pairs make one text
  text += script;
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), bytes.data(), &size, EVP_sha256(), nullptr);
  std::string digest;
  for (unsigned int i = 0; i < size; ++i) {
    digest += fmt::format("{:02x}", bytes.at(i));
  }
  return std::make_shared<const Schema>(
      Schema{.dialect = dialect, .script = std::move(script), .digest = std::move(digest)});
}

}  // namespace paddock::challenges
