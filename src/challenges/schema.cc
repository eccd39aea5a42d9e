#include <utility>

#include "challenges/runner.h"
#include "crypto/sha256.h"

namespace paddock::challenges {

SchemaRef MakeSchema(sql::Dialect dialect, std::string script) {
  std::string text(Name(dialect));
  text += '\0';  // in no name, so that no two pairs make one text
  text += script;
  return std::make_shared<const Schema>(
      Schema{.dialect = dialect, .script = std::move(script), .digest = crypto::Sha256Of(text)});
}

}  // namespace paddock::challenges
