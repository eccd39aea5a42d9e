// Description: api/openapi.yaml, as tests hold the server against it.
//
// Read once. Threading: const; any thread.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace paddock::gateway::testing {

class Description {
 public:
  /// Ends the process when the file cannot be read: every test of the API needs it.
  [[nodiscard]] static const Description& Get();

  /// "GET /api/v1/sandboxes/{sandbox_id}" and the statuses it may answer.
  [[nodiscard]] const std::map<std::string, std::set<std::string>>& operations() const noexcept {
    return operations_;
  }
  /// The enum of Error.code.
  [[nodiscard]] const std::set<std::string>& codes() const noexcept { return codes_; }

  /// The described operation that a request with `target` asks for; HEAD is GET's.
  [[nodiscard]] std::optional<std::string> OperationOf(std::string_view method,
                                                       std::string_view target) const;

 private:
  Description();

  std::map<std::string, std::set<std::string>> operations_;
  std::set<std::string> codes_;
};

}  // namespace paddock::gateway::testing
