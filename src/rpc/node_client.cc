#include "rpc/node_client.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <grpcpp/grpcpp.h>

#include "aio/condition.h"
#include "node.grpc.pb.h"
#include "rpc/call_set.h"
#include "rpc/credentials.h"
#include "rpc/dialled_stream.h"
#include "rpc/handover.h"
#include "rpc/node_messages.h"
#include "rpc/status.h"
#include "rpc/watched_files.h"

namespace paddock::rpc {
namespace asio = boost::asio;
namespace v1 = node::v1;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kRestartTimeMax{3000};  // how long a call waits for a node that is not there
constexpr milliseconds kRestartPoll{20};
constexpr const char* kWho = "node";  // failed: the frame of its errors
constexpr int kReconnectMinMs = 50;
constexpr int kReconnectMaxMs = 250;
constexpr int kMessageBytesMax = 16 << 20;
constexpr std::chrono::seconds kAbandonTimeMax{30};  // for the end of what nobody waits for

grpc::ChannelArguments LocalSettings() {
  grpc::ChannelArguments settings;
  settings.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectMinMs);
  settings.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kReconnectMinMs);
  settings.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectMaxMs);
  return settings;
}

grpc::ChannelArguments WithLimits(grpc::ChannelArguments settings) {
  settings.SetMaxReceiveMessageSize(kMessageBytesMax);
  return settings;
}

v1::SandboxRequest Named(const SandboxId& id) {
  v1::SandboxRequest request;
  request.set_id(id.value());
  return request;
}

Result<void> Nothing(Result<v1::Done> done) {
  if (!done) {
    return Fail(std::move(done).error());
  }
  return {};
}

}  // namespace

// What the calls share. gRPC's threads know of nothing but the Pending of their call and in_flight.
class NodeClient::Link : public std::enable_shared_from_this<NodeClient::Link> {
 public:
  template <class Request, class Reply>
  using Method = void (v1::Node::StubInterface::async_interface::*)(
      grpc::ClientContext*, const Request*, Reply*, std::function<void(grpc::Status)>);

  Link(asio::any_io_executor executor, const std::string& run_dir)
      : executor_(std::move(executor)),
        connect_path_(run_dir + "/connect.sock"),
        channel_(grpc::CreateCustomChannel("unix:" + run_dir + "/node.sock",
                                           grpc::InsecureChannelCredentials(),
                                           WithLimits(LocalSettings()))),
        stub_(v1::Node::NewStub(channel_)) {}

  Link(asio::any_io_executor executor, const RemoteService& node)
      : executor_(std::move(executor)),
        address_(node.address),
        files_(std::in_place, node.files, certs::Role::kClient) {}

  ~Link() {
    calls_->CancelAll();
    for (const auto& [key, stream] : streams_) {
      stream->Abandon();
    }
    calls_->in_flight().WaitForNone();
  }

  [[nodiscard]] bool is_remote() const noexcept { return files_.has_value(); }
  [[nodiscard]] const std::string& connect_path() const noexcept { return connect_path_; }

  // Parameters by value; the link lives as long as the call, which holds it.
  template <class Request, class Reply>
  static aio::Task<Result<Reply>> Call(std::shared_ptr<Link> link,
                                       Method<Request, Reply> method,
                                       Request request,
                                       Deadline deadline) {
    auto ready = co_await link->AwaitNode(deadline);
    if (!ready) {
      co_return Fail(std::move(ready).error());
    }
    auto start = [stub = link->stub_.get(), method](auto... parts) {
      (stub->async()->*method)(std::move(parts)...);
    };
    auto reply =
        co_await CallSet::Call<Reply>(link->calls_, start, std::move(request), kWho, deadline);
    co_return reply;
  }

  // For a create that may have succeeded just as its caller went away. The node lets it wait until
  // that is over. Nobody waits for this one; should it fail too, the next list shows the sandbox.
  void Abandon(const SandboxId& id) {
    if (!stub_) {
      return;  // nothing was ever sent
    }
    auto destroy = [this](auto... parts) { stub_->async()->Destroy(std::move(parts)...); };
    calls_->CallAndForget<v1::Done>(destroy, Named(id), kAbandonTimeMax);
  }

  static aio::Task<Result<UniqueFd>> Dial(std::shared_ptr<Link> link,
                                          SandboxId id,
                                          Deadline deadline) {
    auto ready = co_await link->AwaitNode(deadline);
    if (!ready) {
      co_return Fail(std::move(ready).error());
    }
    auto stream = link->OpenStream(id);
    auto connected = co_await DialledStream::AwaitConnected(std::move(stream), deadline);
    co_return connected;
  }

 private:
  std::shared_ptr<DialledStream> OpenStream(const SandboxId& id) {
    const auto key = next_stream_++;
    DialledStream::Events events{.over =
                                     [weak = weak_from_this(), key] {
                                       if (const auto link = weak.lock()) {
                                         link->streams_.erase(key);
                                       }
                                     },
                                 .released = [this] { calls_->in_flight().Remove(); }};
    auto stream = std::make_shared<DialledStream>(executor_, std::move(events));
    streams_.emplace(key, stream);
    calls_->in_flight().Add();
    stream->Open(*stub_, id);
    return stream;
  }

  // Calls and streams that are under way hold the channel that they have begun on.
  void UseRenewedFiles() {
    const auto identity = files_ ? files_->Renewed() : std::nullopt;
    if (identity) {
      channel_ = grpc::CreateCustomChannel(address_, CredentialsFor(*identity),
                                           WithLimits(RemoteSettings()));
      stub_ = v1::Node::NewStub(channel_);
    }
  }

  aio::Task<Result<void>> AwaitNode(Deadline deadline) {
    if (deadline.Passed()) {
      co_return Fail(Code::kDeadlineExceeded, "deadline passed");
    }
    UseRenewedFiles();
    if (!channel_) {
      co_return Fail(Code::kUnavailable, "this server has no certificate that it can use");
    }
    const auto give_up = std::min(deadline.when(), Deadline::After(kRestartTimeMax).when());
    asio::steady_timer timer(executor_);
    while (channel_->GetState(true) != GRPC_CHANNEL_READY) {
      if (std::chrono::steady_clock::now() >= give_up && is_remote()) {
        co_return Result<void>{};  // the call will say what is wrong: the name, a certificate
      }
      if (std::chrono::steady_clock::now() >= give_up) {
        co_return Fail(Code::kUnavailable, "the node does not answer: is `paddock node` running?");
      }
      timer.expires_after(kRestartPoll);
      auto [cancelled] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
      if (cancelled) {
        co_return Fail(Code::kCancelled, "cancelled");
      }
    }
    co_return Result<void>{};
  }

  asio::any_io_executor executor_;
  std::string connect_path_;           // of a node on this host
  std::string address_;                // of one on another
  std::optional<WatchedFiles> files_;  // for that one
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::Node::Stub> stub_;
  std::map<std::uint64_t, std::shared_ptr<DialledStream>> streams_;
  std::uint64_t next_stream_ = 0;
  std::shared_ptr<CallSet> calls_ = std::make_shared<CallSet>(executor_);
};

NodeClient::NodeClient(asio::any_io_executor executor, const std::string& run_dir)
    : link_(std::make_shared<Link>(std::move(executor), run_dir)) {}

NodeClient::NodeClient(asio::any_io_executor executor, const RemoteService& node)
    : link_(std::make_shared<Link>(std::move(executor), node)) {}

NodeClient::~NodeClient() = default;

using Async = v1::Node::StubInterface::async_interface;

aio::Task<Result<sandbox::Capabilities>> NodeClient::GetCapabilities(Deadline deadline) {
  const Link::Method<v1::GetCapabilitiesRequest, v1::Capabilities> method = &Async::GetCapabilities;
  const v1::GetCapabilitiesRequest request;
  auto reply = co_await Link::Call(link_, method, request, deadline);
  if (!reply) {
    co_return Fail(std::move(reply).error());
  }
  co_return CapabilitiesOf(*reply);
}

aio::Task<Result<sandbox::Info>> NodeClient::Create(sandbox::Spec spec, Deadline deadline) {
  const Link::Method<v1::CreateRequest, v1::Sandbox> method = &Async::Create;
  v1::CreateRequest request;
  Fill(spec, request);
  auto reply = co_await Link::Call(link_, method, request, deadline);
  if (!reply) {
    const Code code = reply.error().code;
    if (code == Code::kCancelled || code == Code::kDeadlineExceeded) {
      link_->Abandon(spec.id);
    }
    co_return Fail(std::move(reply).error());
  }
  co_return InfoOf(*reply);
}

aio::Task<Result<UniqueFd>> NodeClient::Connect(SandboxId id, Deadline deadline) {
  if (link_->is_remote()) {
    auto dialled = co_await Link::Dial(link_, id, deadline);
    co_return dialled;
  }
  const auto give_up = std::min(deadline.when(), Deadline::After(kRestartTimeMax).when());
  asio::steady_timer timer(co_await asio::this_coro::executor);
  for (;;) {
    auto stream = co_await TakeStream(link_->connect_path(), id, deadline);
    const bool is_node_away = !stream && stream.error().code == Code::kUnavailable;
    if (!is_node_away || std::chrono::steady_clock::now() >= give_up) {
      co_return stream;
    }
    timer.expires_after(kRestartPoll);
    auto [cancelled] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    if (cancelled) {
      co_return Fail(Code::kCancelled, "cancelled");
    }
  }
}

aio::Task<Result<void>> NodeClient::Stop(SandboxId id, Deadline deadline) {
  const Link::Method<v1::SandboxRequest, v1::Done> method = &Async::Stop;
  auto done = co_await Link::Call(link_, method, Named(id), deadline);
  co_return Nothing(std::move(done));
}

aio::Task<Result<void>> NodeClient::Start(SandboxId id, Deadline deadline) {
  const Link::Method<v1::SandboxRequest, v1::Done> method = &Async::Start;
  auto done = co_await Link::Call(link_, method, Named(id), deadline);
  co_return Nothing(std::move(done));
}

aio::Task<Result<void>> NodeClient::Pause(SandboxId id, Deadline deadline) {
  const Link::Method<v1::SandboxRequest, v1::Done> method = &Async::Pause;
  auto done = co_await Link::Call(link_, method, Named(id), deadline);
  co_return Nothing(std::move(done));
}

aio::Task<Result<void>> NodeClient::Resume(SandboxId id, Deadline deadline) {
  const Link::Method<v1::SandboxRequest, v1::Done> method = &Async::Resume;
  auto done = co_await Link::Call(link_, method, Named(id), deadline);
  co_return Nothing(std::move(done));
}

aio::Task<Result<void>> NodeClient::Snapshot(SandboxId id, std::string name, Deadline deadline) {
  const Link::Method<v1::SnapshotRequest, v1::Done> method = &Async::Snapshot;
  v1::SnapshotRequest request;
  request.set_id(id.value());
  request.set_name(name);
  auto done = co_await Link::Call(link_, method, request, deadline);
  co_return Nothing(std::move(done));
}

aio::Task<Result<void>> NodeClient::Transfer(SandboxId id, UserId owner, Deadline deadline) {
  const Link::Method<v1::TransferRequest, v1::Done> method = &Async::Transfer;
  v1::TransferRequest request;
  request.set_id(id.value());
  request.set_owner(owner.value());
  auto done = co_await Link::Call(link_, method, request, deadline);
  co_return Nothing(std::move(done));
}

aio::Task<Result<sandbox::Usage>> NodeClient::Stats(SandboxId id, Deadline deadline) {
  const Link::Method<v1::SandboxRequest, v1::Usage> method = &Async::Stats;
  auto reply = co_await Link::Call(link_, method, Named(id), deadline);
  if (!reply) {
    co_return Fail(std::move(reply).error());
  }
  co_return UsageOf(*reply);
}

aio::Task<Result<std::string>> NodeClient::Logs(SandboxId id, Deadline deadline) {
  const Link::Method<v1::SandboxRequest, v1::LogText> method = &Async::Logs;
  auto reply = co_await Link::Call(link_, method, Named(id), deadline);
  if (!reply) {
    co_return Fail(std::move(reply).error());
  }
  co_return reply->text();
}

aio::Task<Result<void>> NodeClient::Destroy(SandboxId id, Deadline deadline) {
  const Link::Method<v1::SandboxRequest, v1::Done> method = &Async::Destroy;
  auto done = co_await Link::Call(link_, method, Named(id), deadline);
  co_return Nothing(std::move(done));
}

aio::Task<Result<std::vector<sandbox::Info>>> NodeClient::List(Deadline deadline) {
  const Link::Method<v1::ListRequest, v1::SandboxList> method = &Async::List;
  const v1::ListRequest request;
  auto reply = co_await Link::Call(link_, method, request, deadline);
  if (!reply) {
    co_return Fail(std::move(reply).error());
  }
  std::vector<sandbox::Info> infos;
  for (const v1::Sandbox& sandbox : reply->sandboxes()) {
    infos.push_back(InfoOf(sandbox));
  }
  co_return infos;
}

}  // namespace paddock::rpc
