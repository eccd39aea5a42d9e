// Settings: every option of this host's Paddock, in force: flags, environment, file and defaults.
//
// Used by each verb. `paddock serve` and `paddock config` read all of them, `paddock node` and
// `paddock stop` what the node needs; all share one set of names, one file and one environment.
//
// Threading: at start, before any other thread exists. Ownership: stays where it is made, for the
// declarations point into it.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/config/loader.h"
#include "app/config/option_set.h"
#include "app/node_options.h"
#include "app/remote_link.h"
#include "app/serve_options.h"

namespace paddock::app {

inline constexpr std::string_view kConfigFileDefault = "/etc/paddock/paddock.toml";

class Settings {
 public:
  /// kAll for who starts them all, kNode for who only starts or is a node.
  explicit Settings(config::Process process);
  Settings(const Settings&) = delete;
  Settings& operator=(const Settings&) = delete;
  Settings(Settings&&) = delete;
  Settings& operator=(Settings&&) = delete;
  ~Settings() = default;

  /// Declares a flag that is only this verb's. Before Read.
  void AddFlag(std::string name, bool& field, std::string meaning);

  /// Once. What is wrong is in report().errors, whose lines are to be shown as they are.
  void Read(std::span<const std::string> arguments,
            std::span<const std::string> environment,
            std::string_view file_default = kConfigFileDefault);

  /// Read for a verb, whose `arguments` start with the verb itself. Explains on standard output and
  /// error; a result is the exit status to end with at once: 0 after --help, 2 for wrong usage.
  [[nodiscard]] std::optional<int> ReadOrExplain(std::span<char*> arguments,
                                                 std::string_view about);

  /// What another process that this one starts is to be given besides the environment.
  [[nodiscard]] std::vector<std::string> FlagsOf(config::Process process) const;

  [[nodiscard]] const ServeOptions& serve() const noexcept { return serve_; }
  [[nodiscard]] ServeOptions& serve() noexcept { return serve_; }
  [[nodiscard]] const NodeOptions& node() const noexcept { return node_; }
  [[nodiscard]] const RemoteLink& runner_link() const noexcept { return runner_link_; }
  [[nodiscard]] const RemoteLink& questions_link() const noexcept { return questions_link_; }
  [[nodiscard]] const config::OptionSet& options() const noexcept { return options_; }
  [[nodiscard]] const config::Report& report() const noexcept { return report_; }

 private:
  void DeclareServices();
  void FinishNodeLink();
  void FinishServiceLink(const RemoteLink& link, std::optional<rpc::RemoteService>& service);
  void FinishOwnLink(const RemoteLink& link);

  config::OptionSet options_;
  ServeOptions serve_;
  NodeOptions node_;
  RemoteLink runner_link_{.name = "runner"};
  RemoteLink questions_link_{.name = "questions"};
  std::string config_file_{kConfigFileDefault};
  config::Report report_;
};

/// "NAME=value" of this process. Before any other thread exists.
[[nodiscard]] std::vector<std::string> ProcessEnvironment();

/// For the verbs with flags of their own, whose default is what file and environment say. Fails
/// with kInvalid.
[[nodiscard]] Result<std::filesystem::path> ConfiguredDataDir();

}  // namespace paddock::app
