// Option: one setting of Paddock, declared once: its name, what it takes and where its value is
// from.
//
// The name "memory-max-mib" is the flag --memory-max-mib, the variable PADDOCK_MEMORY_MAX_MIB and
// the key memory-max-mib of the configuration file. Made by OptionSet, read by what lists options.
//
// Threading: at start, before any other thread exists. Ownership: plain values, but `assign` refers
// to a field of whoever declared the option.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace paddock::app::config {

enum class Kind : std::uint8_t { kText, kInteger, kNumber, kSwitch, kList };

/// Where a value is from; a later one wins.
enum class Source : std::uint8_t { kDefault, kFile, kEnvironment, kFlag };

/// Which processes of a host an option is for: a set. All read the same file and the same
/// environment.
class Process {
 public:
  static const Process kServer;
  static const Process kNode;
  static const Process kRunner;
  static const Process kQuestions;
  static const Process kAll;

  [[nodiscard]] friend constexpr Process operator|(Process one, Process other) noexcept {
    return Process(one.bits_ | other.bits_);
  }
  [[nodiscard]] friend constexpr bool Overlap(Process one, Process other) noexcept {
    return (one.bits_ & other.bits_) != 0;
  }
  friend constexpr bool operator==(Process, Process) noexcept = default;

 private:
  explicit constexpr Process(unsigned bits) noexcept : bits_(bits) {}

  unsigned bits_;
};
inline constexpr Process Process::kServer{1U << 0U};
inline constexpr Process Process::kNode{1U << 1U};
inline constexpr Process Process::kRunner{1U << 2U};
inline constexpr Process Process::kQuestions{1U << 3U};
inline constexpr Process Process::kAll{0xF};

/// "serve": of the first of them.
[[nodiscard]] std::string_view VerbOf(Process process) noexcept;

enum class Secrecy : std::uint8_t {
  kPublic,
  kPassword,  // an address that may have a password in it, which is never shown
  kSecret,    // never shown at all
};

/// Where an option may be given besides the flags.
enum class Reach : std::uint8_t { kEverywhere, kFlagAndEnvironment, kFlag };

/// A value as it was written: one text, or many for a list.
using Texts = std::vector<std::string>;

struct Option {
  std::string name;
  Kind kind = Kind::kText;
  std::string group;    // the heading under which it is listed
  std::string meaning;  // half a sentence
  std::string form;     // what stands for the value in lists: "ADDRESS:PORT"
  std::string example;  // of an option without a default
  Process process = Process::kAll;
  Secrecy secrecy = Secrecy::kPublic;
  Reach reach = Reach::kEverywhere;
  bool read_by_server = false;  // names a file that the server opens as its own user
  std::string secret_name;      // this one names the file with that secret; empty: it does not
  Texts initial;                // the default; empty: none

  /// What each text must be, beyond its kind. Empty: anything. Its message never has a secret in
  /// it.
  std::function<Result<void>(std::string_view)> check;
  /// Checks the texts and stores them. kInvalid says what they must be.
  std::function<Result<void>(const Texts&)> assign;

  Source source = Source::kDefault;
  std::string origin;  // "paddock.toml:12", "PADDOCK_LISTEN" or "--listen"; empty: the default
  Texts value;         // as it was given
};

/// "PADDOCK_MEMORY_MAX_MIB".
[[nodiscard]] std::string VariableOf(std::string_view name);

/// Whether this value of the option is one that nobody may see.
[[nodiscard]] bool HoldsSecret(const Option& option, const Texts& value);

/// The value for people: "(set)" for a secret, "***" in place of a password, "" for none.
[[nodiscard]] std::string Shown(const Option& option, const Texts& value);

/// The address without what may be secret in it: "postgres://user:***@host/db". What can be read in
/// two ways is taken for the password.
[[nodiscard]] std::string WithoutPassword(std::string_view url);

}  // namespace paddock::app::config
