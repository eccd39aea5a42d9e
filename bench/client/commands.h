// The commands of bench_client: each measures one thing through the server and its floor beside it,
// and prints one JSON object of plain numbers, which bench/run reads. A failure ends the process.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace paddock::bench {

/// Where the server is and who asks.
struct Server {
  std::uint16_t port = 0;
  std::string authorization;  // a whole header line

  /// From "PORT" and "TOKEN".
  [[nodiscard]] static Server At(const std::string& port, const std::string& token);
};

/// PORT TOKEN SANDBOX ROOT COUNT PROGRAM [ARGUMENT…]: through the API and on the host, by turns.
/// ROOT holds the same files as the sandbox, for the floor to run the same program.
void MeasureExec(std::span<const std::string> arguments);
/// PORT TOKEN KEYS INTERVAL_US TERMINAL…: each terminal, and as many local PTYs, by turns.
void MeasureEcho(std::span<const std::string> arguments);
/// PORT TOKEN TERMINAL SERVER_PID AGENT_PID: the terminal runs kBulkProgram and waits for a line.
void MeasureBulk(std::span<const std::string> arguments);

}  // namespace paddock::bench
