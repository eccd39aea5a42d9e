// Spawn: starts one process with pipes or a terminal of its own, inside a ProcessSet.
//
// The child gets descriptors 0, 1 and 2 and nothing else, default signals, a session of its own,
// no way to gain privileges, and the user, directory, environment and limits asked for.
//
// Threading: loop thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/process_set.h"
#include "agent/terminal/hub.h"
#include "agent/users.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace paddock::agent {

struct SpawnSpec {
  std::vector<std::string> argv;  // argv[0] is looked up in PATH of `env`
  std::string argv0_shown;        // what the program sees as argv[0], when not argv[0] ("-bash")
  std::vector<std::string> env;   // NAME=value
  std::string cwd;
  User user;
  std::optional<terminal::WindowSize> terminal;  // a PTY instead of pipes
  bool has_input = true;                         // else standard input is /dev/null
  // One stream as standard input and output, and /dev/null as standard error, instead of pipes.
  bool has_stream = false;
  std::vector<std::pair<int, std::uint64_t>> rlimits;  // RLIMIT_…: soft and hard alike
};

/// The agent's ends. All are non-blocking and close on exec.
struct Spawned {
  pid_t pid = -1;
  UniqueFd input;    // what the child reads, if anything; with a terminal the PTY's master, with
                     // a stream our end of it
  UniqueFd output;   // what it prints; none with a terminal or a stream
  UniqueFd error;    // likewise
  UniqueFd failure;  // ends empty when the program runs; else holds a SpawnFailure
};

/// Why a child never became its program.
struct SpawnFailure {
  enum class Step : int { kUser, kDirectory, kProgram, kTerminal };
  Step step = Step::kProgram;
  int error_number = 0;
};

/// Forks. Fails with kExhausted (no more processes or descriptors) or kUnavailable (no PTY).
[[nodiscard]] Result<Spawned> Spawn(const SpawnSpec& spec, ProcessSet& set);

/// What `fd` (Spawned::failure, at its end or when the child is gone) says: nothing when the
/// program was started, else kInvalid with a sentence for people.
[[nodiscard]] Result<void> ReadFailure(int fd, const SpawnSpec& spec);

}  // namespace paddock::agent
