#include "rpc/node_service.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/post.hpp>
#include <fmt/format.h>
#include <grpcpp/grpcpp.h>

#include "aio/task_scope.h"
#include "base/log.h"
#include "certs/authority.h"
#include "certs/check.h"
#include "model/ids.h"
#include "node.grpc.pb.h"
#include "rpc/credentials.h"
#include "rpc/grpc_shutdown.h"
#include "rpc/node_messages.h"
#include "rpc/served_stream.h"
#include "rpc/status.h"

namespace paddock::rpc {
namespace v1 = node::v1;

namespace {

constexpr auto kCallTimeMax = std::chrono::minutes(5);
constexpr auto kUndoTime = std::chrono::seconds(30);
constexpr auto kConnectTimeMax = std::chrono::seconds(10);
constexpr std::size_t kStreamsMax = 65'536;  // as many as a node can have sandboxes
constexpr int kRequestBytesMax = 1 << 20;

Deadline DeadlineOf(const grpc::CallbackServerContext& context) {
  const auto left = context.deadline() - std::chrono::system_clock::now();
  return Deadline::After(std::min<std::chrono::system_clock::duration>(left, kCallTimeMax));
}

// One call: runs `work` on the loop and finishes with what it returns. `reply` lives until Finish.
template <class T, class Reply>
aio::Task<void> Answer(aio::Task<Result<T>> work, Reply& reply, grpc::ServerUnaryReactor& reactor) {
  auto outcome = co_await std::move(work);
  if (!outcome) {
    reactor.Finish(ToStatus(outcome.error()));
    co_return;
  }
  if constexpr (!std::is_void_v<T>) {
    Fill(*outcome, reply);
  }
  reactor.Finish(grpc::Status::OK);
}

// Checked before, so that a node never listens with files that can let nobody in.
Result<void> AddRemote(grpc::ServerBuilder& builder, const RemoteAccess& remote, int& port) {
  const auto now = std::chrono::system_clock::now();
  auto checked = certs::CheckFiles(remote.files, certs::Role::kServer, now);
  if (!checked) {
    return Fail(std::move(checked).error());
  }
  if (checked->not_after < now + certs::kRenewalDue) {
    log::Warn("{} expires soon: renew it", remote.files.certificate);
  }
  builder.AddListeningPort(remote.address, CredentialsFor(remote), &port);
  // Two nodes at one port would share its connections.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  AddRemoteSettings(builder);
  return {};
}

}  // namespace

// One call of Create, which is undone when nobody waits for it any more. Loop thread only.
struct Creation {
  explicit Creation(boost::asio::any_io_executor executor) : scope(std::move(executor)) {}
  aio::TaskScope scope;
  bool is_abandoned = false;
};

// Hears on gRPC's threads that the caller has hung up, or that its time is up, and says so on the
// loop.
class CreateReactor final : public grpc::ServerUnaryReactor {
 public:
  CreateReactor(boost::asio::any_io_executor executor, std::shared_ptr<Creation> call)
      : executor_(std::move(executor)), call_(std::move(call)) {}
  void OnCancel() override {
    boost::asio::post(executor_, [call = call_] {
      call->is_abandoned = true;
      call->scope.Cancel();
    });
  }
  void OnDone() override { delete this; }  // NOLINT: the interface's way

 private:
  boost::asio::any_io_executor executor_;
  std::shared_ptr<Creation> call_;
};

class NodeService::Calls final : public v1::Node::CallbackService {
 public:
  Calls(boost::asio::any_io_executor executor, sandbox::Driver& driver)
      : executor_(executor), driver_(driver), scope_(std::move(executor)) {}

  Result<void> Listen(const std::string& socket_path,
                      gid_t group,
                      const std::optional<RemoteAccess>& remote);
  aio::Task<void> Shutdown();
  [[nodiscard]] int remote_port() const noexcept { return remote_port_; }

  grpc::ServerUnaryReactor* GetCapabilities(grpc::CallbackServerContext* context,
                                            const v1::GetCapabilitiesRequest* /*request*/,
                                            v1::Capabilities* reply) override {
    return Serve(*context, *reply,
                 [this](Deadline deadline) { return driver_.GetCapabilities(deadline); });
  }
  grpc::ServerUnaryReactor* Create(grpc::CallbackServerContext* context,
                                   const v1::CreateRequest* request,
                                   v1::Sandbox* reply) override {
    const auto call = std::make_shared<Creation>(executor_);
    auto* reactor = new CreateReactor(executor_, call);  // NOLINT: deletes itself when done
    const Deadline deadline = DeadlineOf(*context);
    auto enter = [this, reactor, reply, deadline, call, spec = SpecOf(*request)] {
      call->scope.Spawn(RunCreate(spec, deadline, call, *reply, *reactor));
      scope_.Spawn(AwaitCreate(call));
    };
    boost::asio::post(executor_, std::move(enter));
    return reactor;
  }
  grpc::ServerUnaryReactor* Stop(grpc::CallbackServerContext* context,
                                 const v1::SandboxRequest* request,
                                 v1::Done* reply) override {
    return ServeOne(*context, *request, *reply, &sandbox::Driver::Stop);
  }
  grpc::ServerUnaryReactor* Start(grpc::CallbackServerContext* context,
                                  const v1::SandboxRequest* request,
                                  v1::Done* reply) override {
    return ServeOne(*context, *request, *reply, &sandbox::Driver::Start);
  }
  grpc::ServerUnaryReactor* Pause(grpc::CallbackServerContext* context,
                                  const v1::SandboxRequest* request,
                                  v1::Done* reply) override {
    return ServeOne(*context, *request, *reply, &sandbox::Driver::Pause);
  }
  grpc::ServerUnaryReactor* Resume(grpc::CallbackServerContext* context,
                                   const v1::SandboxRequest* request,
                                   v1::Done* reply) override {
    return ServeOne(*context, *request, *reply, &sandbox::Driver::Resume);
  }
  grpc::ServerUnaryReactor* Snapshot(grpc::CallbackServerContext* context,
                                     const v1::SnapshotRequest* request,
                                     v1::Done* reply) override {
    return Serve(*context, *reply,
                 [this, id = SandboxId(request->id()), name = request->name()](Deadline deadline) {
                   return driver_.Snapshot(id, name, deadline);
                 });
  }
  grpc::ServerUnaryReactor* Transfer(grpc::CallbackServerContext* context,
                                     const v1::TransferRequest* request,
                                     v1::Done* reply) override {
    return Serve(*context, *reply,
                 [this, id = SandboxId(request->id()), owner = UserId(request->owner())](
                     Deadline deadline) { return driver_.Transfer(id, owner, deadline); });
  }
  grpc::ServerUnaryReactor* Stats(grpc::CallbackServerContext* context,
                                  const v1::SandboxRequest* request,
                                  v1::Usage* reply) override {
    return ServeOne(*context, *request, *reply, &sandbox::Driver::Stats);
  }
  grpc::ServerUnaryReactor* Logs(grpc::CallbackServerContext* context,
                                 const v1::SandboxRequest* request,
                                 v1::LogText* reply) override {
    return ServeOne(*context, *request, *reply, &sandbox::Driver::Logs);
  }
  grpc::ServerUnaryReactor* Destroy(grpc::CallbackServerContext* context,
                                    const v1::SandboxRequest* request,
                                    v1::Done* reply) override {
    return ServeOne(*context, *request, *reply, &sandbox::Driver::Destroy);
  }
  grpc::ServerUnaryReactor* List(grpc::CallbackServerContext* context,
                                 const v1::ListRequest* /*request*/,
                                 v1::SandboxList* reply) override {
    return Serve(*context, *reply, [this](Deadline deadline) { return driver_.List(deadline); });
  }
  grpc::ServerBidiReactor<v1::StreamPiece, v1::StreamPiece>* Connect(
      grpc::CallbackServerContext* /*context*/) override {
    ServedStream::Events events{
        .asked = [this](std::shared_ptr<ServedStream> stream) { OnAsked(std::move(stream)); },
        .over = [this](const std::shared_ptr<ServedStream>& stream) { streams_.erase(stream); }};
    const auto stream = ServedStream::Make(executor_, std::move(events));
    boost::asio::post(executor_, [this, stream] { Admit(stream); });
    return stream.get();  // gRPC holds it until OnDone
  }

 private:
  // Called on gRPC's threads: everything else happens on the loop.
  template <class Reply, class Call>
  grpc::ServerUnaryReactor* Serve(grpc::CallbackServerContext& context, Reply& reply, Call call) {
    grpc::ServerUnaryReactor* reactor = context.DefaultReactor();
    const Deadline deadline = DeadlineOf(context);
    auto enter = [this, reactor, &reply, deadline, start = std::move(call)] {
      scope_.Spawn(Answer(start(deadline), reply, *reactor));
    };
    boost::asio::post(executor_, std::move(enter));
    return reactor;
  }

  template <class Reply, class T>
  grpc::ServerUnaryReactor* ServeOne(grpc::CallbackServerContext& context,
                                     const v1::SandboxRequest& request,
                                     Reply& reply,
                                     aio::Task<Result<T>> (sandbox::Driver::*method)(SandboxId,
                                                                                     Deadline)) {
    return Serve(context, reply, [this, id = SandboxId(request.id()), method](Deadline deadline) {
      return (driver_.*method)(id, deadline);
    });
  }

  aio::Task<void> RunCreate(sandbox::Spec spec,
                            Deadline deadline,
                            std::shared_ptr<Creation> call,
                            v1::Sandbox& reply,
                            grpc::ServerUnaryReactor& reactor);
  aio::Task<void> AwaitCreate(std::shared_ptr<Creation> call);
  void Admit(const std::shared_ptr<ServedStream>& stream);
  void OnAsked(std::shared_ptr<ServedStream> stream);
  aio::Task<void> ConnectAgent(std::shared_ptr<ServedStream> stream, SandboxId id);

  boost::asio::any_io_executor executor_;
  sandbox::Driver& driver_;
  aio::TaskScope scope_;
  std::vector<std::shared_ptr<Creation>> creations_;  // under way
  std::set<std::shared_ptr<ServedStream>> streams_;
  int remote_port_ = 0;
  bool is_stopping_ = false;
  std::unique_ptr<grpc::Server> server_;
};

// `reply` and `reactor` live until Finish.
aio::Task<void> NodeService::Calls::RunCreate(sandbox::Spec spec,
                                              Deadline deadline,
                                              std::shared_ptr<Creation> call,
                                              v1::Sandbox& reply,
                                              grpc::ServerUnaryReactor& reactor) {
  auto created = co_await driver_.Create(spec, deadline);
  if (created && call->is_abandoned) {
    // It was ready at that very moment.
    auto destroyed = co_await driver_.Destroy(spec.id, Deadline::After(kUndoTime));
    if (!destroyed) {
      log::Error("undo sandbox {}: {}", spec.id.value(), destroyed.error().message);
    }
    created = Fail(Code::kCancelled, "nobody waits for it any more");
  }
  if (!created) {
    reactor.Finish(ToStatus(created.error()));
    co_return;
  }
  Fill(*created, reply);
  reactor.Finish(grpc::Status::OK);
}

aio::Task<void> NodeService::Calls::AwaitCreate(std::shared_ptr<Creation> call) {
  creations_.push_back(call);
  co_await call->scope.Join();
  std::erase(creations_, call);
}

void NodeService::Calls::Admit(const std::shared_ptr<ServedStream>& stream) {
  if (is_stopping_) {
    stream->Stop({.code = Code::kUnavailable, .message = "the node ends"});
  } else if (streams_.size() >= kStreamsMax) {
    stream->Stop({.code = Code::kExhausted, .message = "too many streams to agents are open"});
  } else {
    streams_.insert(stream);
    stream->Read();
  }
}

void NodeService::Calls::OnAsked(std::shared_ptr<ServedStream> stream) {
  const std::string id = stream->received.connect();
  if (IsIdText(id)) {
    scope_.Spawn(ConnectAgent(std::move(stream), SandboxId(id)));
  } else {
    stream->Stop({.code = Code::kInvalid, .message = "that is no sandbox's id"});
  }
}

aio::Task<void> NodeService::Calls::ConnectAgent(std::shared_ptr<ServedStream> stream,
                                                 SandboxId id) {
  const auto deadline = Deadline::After(kConnectTimeMax);
  auto agent = co_await driver_.Connect(id, deadline);
  if (agent) {
    stream->Begin(*std::move(agent));
  } else {
    stream->Stop(agent.error());
  }
}

Result<void> NodeService::Calls::Listen(const std::string& socket_path,
                                        gid_t group,
                                        const std::optional<RemoteAccess>& remote) {
  grpc::ServerBuilder builder;
  builder.SetMaxReceiveMessageSize(kRequestBytesMax);
  builder.AddListeningPort("unix:" + socket_path, grpc::InsecureServerCredentials());
  if (remote) {
    auto added = AddRemote(builder, *remote, remote_port_);
    if (!added) {
      return added;
    }
  }
  builder.RegisterService(this);
  // Nobody else shall connect in the moment before the mode is set.
  const mode_t mask = umask(0177);
  server_ = builder.BuildAndStart();
  umask(mask);
  if (!server_) {
    return Fail(Code::kUnavailable,
                fmt::format("listen on {}{}{}: refused", socket_path, remote ? " and " : "",
                            remote ? remote->address : ""));
  }
  if (chown(socket_path.c_str(), 0, group) != 0 || chmod(socket_path.c_str(), 0660) != 0) {
    return Fail(Code::kUnavailable,
                fmt::format("open {}: {}", socket_path, strerrordesc_np(errno)));
  }
  return {};
}

aio::Task<void> NodeService::Calls::Shutdown() {
  is_stopping_ = true;
  if (server_) {
    GrpcShutdown ending(*server_, executor_);
    scope_.Cancel();
    for (const auto& creation : creations_) {
      creation->scope.Cancel();
    }
    for (const auto& stream : streams_) {
      stream->Stop({.code = Code::kUnavailable, .message = "the node ends"});
    }
    co_await ending.Join();
  }
  co_await scope_.Join();
}

NodeService::NodeService(boost::asio::any_io_executor executor, sandbox::Driver& driver)
    : calls_(std::make_unique<Calls>(std::move(executor), driver)) {}

NodeService::~NodeService() = default;

Result<void> NodeService::Listen(const std::string& socket_path,
                                 gid_t group,
                                 const std::optional<RemoteAccess>& remote) {
  return calls_->Listen(socket_path, group, remote);
}

int NodeService::remote_port() const noexcept { return calls_->remote_port(); }

aio::Task<void> NodeService::Shutdown() { return calls_->Shutdown(); }

}  // namespace paddock::rpc
