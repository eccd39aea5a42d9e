#include "agent_test.h"

#include <fstream>
#include <thread>

namespace paddock::sandbox {

AgentTest::AgentTest() { client_ = Open(); }

AgentTest::~AgentTest() {
  client_.reset();
  EXPECT_TRUE(agent_.IsRunning()) << "the agent fell";
}

std::shared_ptr<AgentClient> AgentTest::Open() {
  auto client = Wait(AgentClient::Open(loop_.get_executor(), agent_.Connect(), Soon()));
  EXPECT_TRUE(client) << client.error().message;
  return client.value_or(nullptr);
}

Result<ExecResult> AgentTest::Shell(std::string command) {
  ExecSpec spec;
  spec.shell = std::move(command);
  return Wait(client_->Exec(std::move(spec), Soon()));
}

Result<std::string> AgentTest::ReadAll(ByteReader& reader) {
  std::string all;
  for (;;) {
    auto piece = Wait(reader.Read(Soon()));
    if (!piece || piece->empty()) {
      return piece ? Result<std::string>(std::move(all)) : piece;
    }
    all += *piece;
  }
}

Result<void> AgentTest::WriteAll(std::string_view name, std::string content) {
  auto writer = Wait(client_->WriteFile(Path(name), 0644, Soon()));
  if (!writer) {
    return Fail(std::move(writer).error());
  }
  auto written = Wait((*writer)->Write(std::move(content), Soon()));
  return written ? Wait((*writer)->Finish(Soon())) : written;
}

bool AgentTest::IsGone(pid_t pid) {
  for (int i = 0; i < 300; ++i) {
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    // A zombie is gone: it runs nothing and waits only to be reaped.
    if (!std::getline(stat, line) || line.find(") Z ") != std::string::npos) {
      return true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

}  // namespace paddock::sandbox
