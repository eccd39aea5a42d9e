// FakeAgent: an AgentClient in memory, for unit tests of whatever asks agents.
//
// Has files without directories above them, terminals without programs, and runs commands by a
// function of the test's own. Threading: loop thread only.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sandbox/agent_client.h"

namespace paddock::sandbox::testing {

class FakeAgent final : public AgentClient {
 public:
  bool open = true;
  bool direct = false;
  std::vector<std::string> forwards;         // the targets that it was to relay
  std::map<std::string, std::string> files;  // path to content
  std::vector<TerminalInfo> terminals;
  std::function<Result<ExecResult>(const ExecSpec& spec)> run;  // empty: exit code 0
  ExecSpec last_exec;
  std::function<Result<UniqueFd>(const std::string& target)> forward;  // empty: not faked

  [[nodiscard]] bool is_open() const noexcept override { return open; }
  [[nodiscard]] bool forwards_directly() const noexcept override { return direct; }
  aio::Task<Result<ExecResult>> Exec(ExecSpec spec, Deadline deadline) override;
  aio::Task<Result<FileInfo>> Stat(std::string path, Deadline deadline) override;
  aio::Task<Result<Directory>> ListDirectory(std::string path,
                                             int entries_max,
                                             Deadline deadline) override;
  aio::Task<Result<FileContent>> ReadFile(std::string path,
                                          std::uint64_t offset,
                                          std::uint64_t length,
                                          Deadline deadline) override;
  aio::Task<Result<std::unique_ptr<ByteWriter>>> WriteFile(std::string path,
                                                           std::uint32_t mode,
                                                           Deadline deadline) override;
  aio::Task<Result<void>> MakeDirectory(std::string path, bool parents, Deadline deadline) override;
  aio::Task<Result<void>> Move(std::string from, std::string to, Deadline deadline) override;
  aio::Task<Result<void>> Remove(std::string path, bool recursive, Deadline deadline) override;
  aio::Task<Result<std::unique_ptr<ByteReader>>> ReadTar(std::string path,
                                                         Deadline deadline) override;
  aio::Task<Result<std::unique_ptr<ByteWriter>>> WriteTar(std::string path,
                                                          Deadline deadline) override;
  aio::Task<Result<TerminalInfo>> OpenTerminal(TerminalSpec spec, Deadline deadline) override;
  aio::Task<Result<std::vector<TerminalInfo>>> ListTerminals(Deadline deadline) override;
  aio::Task<Result<void>> CloseTerminal(TerminalId id, Deadline deadline) override;
  aio::Task<Result<std::unique_ptr<TerminalChannel>>> AttachTerminal(TerminalId id,
                                                                     Deadline deadline) override;
  aio::Task<Result<UniqueFd>> Forward(std::string target, Deadline deadline) override;
  aio::Task<Result<AgentStats>> Stats(Deadline deadline) override;
};

}  // namespace paddock::sandbox::testing
