// AgentClientImpl: AgentClient over an AgentConnection. See agent_client.h for the contract.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sandbox/agent_client.h"
#include "sandbox/internal/agent_calls.h"
#include "sandbox/internal/agent_connection.h"

namespace paddock::sandbox::internal {

class AgentClientImpl final : public AgentClient {
 public:
  explicit AgentClientImpl(std::shared_ptr<AgentConnection> connection)
      : connection_(std::move(connection)) {}

  [[nodiscard]] bool is_open() const noexcept override { return connection_->is_open(); }
  [[nodiscard]] bool forwards_directly() const noexcept override {
    return connection_->forwards_directly();
  }

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

 private:
  /// A request answered by RESULT: its payload.
  [[nodiscard]] aio::Task<Result<std::string>> Ask(protocol::Request request, Deadline deadline);
  /// The same where RESULT has no fields.
  [[nodiscard]] aio::Task<Result<void>> Tell(protocol::Request request, Deadline deadline);
  /// A request whose channel stays open after READY.
  [[nodiscard]] aio::Task<Result<ChannelHandle>> OpenReady(std::shared_ptr<AgentChannel> channel,
                                                           protocol::Request request,
                                                           Deadline deadline);
  /// The same where READY has no fields, and the channel takes data.
  [[nodiscard]] aio::Task<Result<std::unique_ptr<ByteWriter>>> OpenWriter(protocol::Request request,
                                                                          Deadline deadline);

  /// `decoded`, or the end of the connection when the agent's answer was malformed.
  template <class T>
  [[nodiscard]] Result<T> Trusted(Result<T> decoded) {
    if (!decoded) {
      connection_->Reject(decoded.error());
      decoded.error().code = Code::kUnavailable;
    }
    return decoded;
  }

  std::shared_ptr<AgentConnection> connection_;
};

}  // namespace paddock::sandbox::internal
