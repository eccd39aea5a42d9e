#include "agent/terminals.h"

#include <deque>
#include <utility>

#include "protocol/answers.h"

namespace paddock::agent {

namespace {

using protocol::FrameType;

Error NoSuchTerminal() { return {.code = Code::kNotFound, .message = "no such terminal"}; }

// Waits for the program to run.
class OpenChannel final : public Channel {
 public:
  OpenChannel(Line& channel_line, Terminals& terminals, TerminalId id)
      : Channel(channel_line), terminals_(terminals), id_(std::move(id)) {}

  [[nodiscard]] std::weak_ptr<OpenChannel*> self() const { return self_; }

  // Gone before the answer: nobody would know that the terminal exists.
  ~OpenChannel() override {
    if (!answered_) {
      terminals_.Forget(id_);
    }
  }

  void OnStarted(const Result<void>& started) {
    const auto session = terminals_.Find(id_);
    if (!started || !session) {
      line().FinishWith(started ? NoSuchTerminal() : started.error());
      return;  // the destructor forgets the terminal
    }
    answered_ = true;
    std::string frame;
    protocol::AppendTerminal(frame, line().id(), session->Describe());
    line().FinishWith(std::string_view(frame));
  }

 private:
  std::shared_ptr<OpenChannel*> self_ = std::make_shared<OpenChannel*>(this);
  Terminals& terminals_;
  TerminalId id_;
  bool answered_ = false;
};

// Sends the records as the client gives credit for them.
class ListChannel final : public Channel {
 public:
  ListChannel(Line& channel_line, std::deque<std::string> records)
      : Channel(channel_line), records_(std::move(records)) {}

  void OnRoom() override {
    while (!records_.empty() && records_.front().size() <= line().room()) {
      line().Send(FrameType::kData, records_.front());
      records_.pop_front();
    }
    if (records_.empty()) {
      line().Finish();
    }
  }

 private:
  std::deque<std::string> records_;
};

class CloseChannel final : public Channel {
 public:
  CloseChannel(Line& channel_line, std::shared_ptr<TerminalSession> session)
      : Channel(channel_line), session_(std::move(session)) {
    session_->Close([alive = std::weak_ptr<CloseChannel*>(self_)] {
      if (const auto self = alive.lock()) {
        (*self)->line().Finish();
      }
    });
  }

 private:
  std::shared_ptr<CloseChannel*> self_ = std::make_shared<CloseChannel*>(this);
  std::shared_ptr<TerminalSession> session_;
};

// One viewer. Each DATA frame is one message of docs/protocol/terminal.md, either way.
class AttachChannel final : public Channel, public TerminalViewer {
 public:
  AttachChannel(Line& channel_line, std::shared_ptr<TerminalSession> session)
      : Channel(channel_line), session_(std::move(session)), viewer_(session_->Attach(*this)) {
    line().SendReady();
  }
  ~AttachChannel() override { session_->Detach(viewer_); }
  AttachChannel(const AttachChannel&) = delete;
  AttachChannel& operator=(const AttachChannel&) = delete;

  bool OnData(std::string_view message) override {
    waiting_.emplace_back(message);
    Deliver();
    session_->Settle();
    return true;
  }

  bool OnDataEnd() override {
    line().Finish();
    return true;
  }

  void OnRoom() override { session_->Settle(); }

  void Pump() override {
    Deliver();
    while (!line().is_finished()) {
      const auto room = line().room();
      const auto message = room > 0 ? session_->hub().Next(viewer_, room) : std::nullopt;
      if (!message) {
        return;
      }
      Send(*message);
      if (session_->hub().is_finished(viewer_)) {
        line().Finish();
      }
    }
  }

 private:
  // What the viewer sent, as fast as the program takes it. Bounded by the credit it holds.
  void Deliver() {
    while (!waiting_.empty() && session_->hub().wants_message(viewer_)) {
      const auto message = std::move(waiting_.front());
      waiting_.pop_front();
      session_->hub().OnMessage(viewer_, message, Loop::Clock::now());
      line().GiveCredit(message.size());
    }
  }

  void Send(const terminal::OutgoingMessage& message) {
    (void)line().SendFilled(FrameType::kData, message.size(),
                            [&message](char* out, std::size_t size) {
                              out += message.head.copy(out, message.head.size());
                              for (const auto part : message.body) {
                                out += part.copy(out, part.size());
                              }
                              return static_cast<std::ptrdiff_t>(size);
                            });
  }

  std::shared_ptr<TerminalSession> session_;
  terminal::ViewerId viewer_;
  std::deque<std::string> waiting_;
};

JobSpec MakeJob(const Services& services, protocol::TerminalOpenRequest& request) {
  JobSpec job;
  job.group_class = GroupClass::kInteractive;
  auto& spawn = job.spawn;
  spawn.user = FindUser(request.uid);
  if (request.argv.empty()) {  // a leading '-' makes it a login shell
    spawn.argv = {spawn.user.shell};
    spawn.argv0_shown = "-" + spawn.user.shell.substr(spawn.user.shell.rfind('/') + 1);
  } else {
    spawn.argv = request.argv;
  }
  protocol::Environment environment{
      {"TERM", "xterm-256color"}, {"COLORTERM", "truecolor"}, {"LANG", "C.UTF-8"}};
  environment.insert(environment.end(), request.env.begin(), request.env.end());
  spawn.env = MakeEnvironment(services, spawn.user, environment);
  spawn.cwd = request.cwd.empty() ? spawn.user.home : request.cwd;
  spawn.terminal =
      terminal::WindowSize{.column_count = request.column_count, .row_count = request.row_count};
  return job;
}

// As much of `argv` as a list shows.
std::vector<std::string> Shortened(const std::vector<std::string>& argv) {
  std::vector<std::string> shown;
  std::size_t left = protocol::kInfoArgumentBytesMax;
  for (const auto& argument : argv) {
    if (left == 0) {
      break;
    }
    shown.push_back(argument.substr(0, left));
    left -= shown.back().size();
  }
  return shown;
}

}  // namespace

std::shared_ptr<TerminalSession> Terminals::Find(const TerminalId& id) const {
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : found->second;
}

std::unique_ptr<Channel> Terminals::Open(Line& line, protocol::TerminalOpenRequest request) {
  if (sessions_.contains(request.id)) {
    line.FinishWith(Error{.code = Code::kConflict, .message = "the terminal exists already"});
    return nullptr;
  }
  if (sessions_.size() >= static_cast<std::size_t>(protocol::kTerminalCountMax)) {
    line.FinishWith(Error{.code = Code::kExhausted, .message = "too many terminals"});
    return nullptr;
  }
  auto job = MakeJob(services_, request);
  const terminal::WindowSize size{.column_count = request.column_count,
                                  .row_count = request.row_count};
  const auto session = std::make_shared<TerminalSession>(services_.loop, request.id,
                                                         Shortened(job.spawn.argv), size);
  auto channel = std::make_unique<OpenChannel>(line, *this, request.id);
  auto started = session->Start(services_.jobs, std::move(job),
                                [opener = channel->self()](const Result<void>& result) {
                                  if (const auto self = opener.lock()) {
                                    (*self)->OnStarted(result);
                                  }
                                });
  if (!started) {
    line.FinishWith(started.error());
    return channel;
  }
  sessions_.emplace(request.id, session);
  return channel;
}

std::unique_ptr<Channel> Terminals::List(Line& line) {
  std::deque<std::string> records;
  for (const auto& [id, session] : sessions_) {
    protocol::PutRecord(records.emplace_back(), session->Describe());
  }
  auto channel = std::make_unique<ListChannel>(line, std::move(records));
  channel->OnRoom();
  return channel;
}

std::unique_ptr<Channel> Terminals::Close(Line& line,
                                          const protocol::TerminalCloseRequest& request) {
  auto session = Find(request.id);
  if (!session) {
    line.FinishWith(NoSuchTerminal());
    return nullptr;
  }
  Forget(request.id);
  return std::make_unique<CloseChannel>(line, std::move(session));
}

std::unique_ptr<Channel> Terminals::Attach(Line& line,
                                           const protocol::TerminalAttachRequest& request) const {
  auto session = Find(request.id);
  if (!session) {
    line.FinishWith(NoSuchTerminal());
    return nullptr;
  }
  return std::make_unique<AttachChannel>(line, std::move(session));
}

}  // namespace paddock::agent
