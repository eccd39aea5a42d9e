// LinkChannel: a conversation's channel over the socket to the server.
//
// Threading: loop thread. Ownership: outlives its calls.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "aio/condition.h"
#include "sqlrunner/client_channel.h"
#include "sqlrunner/link/framed_socket.h"

namespace paddock::sqlrunner {

class LinkChannel final : public ClientChannel {
 public:
  LinkChannel(const boost::asio::any_io_executor& executor, UniqueFd socket)
      : socket_(executor, std::move(socket)) {}

  aio::Task<Result<std::string>> Receive() override;
  aio::Task<Result<void>> Send(std::string_view message) override;
  aio::Task<Result<void>> Gather(std::string_view message) override;
  aio::Task<Result<Dialled>> Dial(DialRequest request, Deadline deadline) override;
  aio::Task<Result<void>> SayEnd(std::uint16_t close_code) override;
  void Close() override;

 private:
  [[nodiscard]] Result<void> TakeAnswer(Frame frame);

  using Answer = std::optional<Result<Dialled>>;  // nothing: still awaited
  FramedSocket socket_;
  std::map<std::uint64_t, Answer> dials_;
  std::uint64_t next_number_ = 1;
  aio::Condition answered_;
  bool is_closed_ = false;
};

}  // namespace paddock::sqlrunner
