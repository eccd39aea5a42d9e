#include "sandbox/testing/fake_agent.h"

#include <algorithm>
#include <utility>

namespace paddock::sandbox::testing {
namespace {

constexpr std::size_t kPieceMax = 1000;  // small, so that a test sees several pieces

std::unexpected<Error> NoSuch(const std::string& path) {
  return Fail(Code::kNotFound, "no such file: " + path);
}

std::unexpected<Error> NotFaked() { return Fail(Code::kConflict, "the fake cannot do this"); }

FileInfo InfoOf(const std::string& path, const std::string& content) {
  return {.name = path.substr(path.rfind('/') + 1),
          .kind = FileKind::kFile,
          .size = {content.size()},
          .mode = 0644,
          .modified_at = std::chrono::system_clock::time_point(std::chrono::seconds(1'800'000'000)),
          .link_target = {}};
}

class TextReader final : public ByteReader {
 public:
  explicit TextReader(std::string text) : text_(std::move(text)) {}
  aio::Task<Result<std::string>> Read(Deadline /*deadline*/) override {
    std::string piece = text_.substr(0, kPieceMax);
    text_.erase(0, piece.size());
    co_return piece;
  }

 private:
  std::string text_;
};

class TextWriter final : public ByteWriter {
 public:
  TextWriter(FakeAgent& agent, std::string path) : agent_(agent), path_(std::move(path)) {}
  aio::Task<Result<void>> Write(std::string piece, Deadline /*deadline*/) override {
    text_ += piece;
    co_return Result<void>();
  }
  aio::Task<Result<void>> Finish(Deadline /*deadline*/) override {
    agent_.files[path_] = std::move(text_);
    co_return Result<void>();
  }

 private:
  FakeAgent& agent_;
  std::string path_;
  std::string text_;
};

}  // namespace

aio::Task<Result<ExecResult>> FakeAgent::Exec(ExecSpec spec, Deadline /*deadline*/) {
  last_exec = std::move(spec);
  if (run) {
    co_return run(last_exec);
  }
  ExecResult result;
  result.exit_code = 0;
  co_return result;
}

aio::Task<Result<FileInfo>> FakeAgent::Stat(std::string path, Deadline /*deadline*/) {
  const auto found = files.find(path);
  if (found == files.end()) {
    co_return NoSuch(path);
  }
  co_return InfoOf(path, found->second);
}

aio::Task<Result<Directory>> FakeAgent::ListDirectory(std::string path,
                                                      int entries_max,
                                                      Deadline /*deadline*/) {
  Directory directory;
  for (const auto& [name, content] : files) {
    if (name.starts_with(path)) {
      directory.entries.push_back(InfoOf(name, content));
    }
  }
  directory.truncated = directory.entries.size() > static_cast<std::size_t>(entries_max);
  co_return directory;
}

aio::Task<Result<FileContent>> FakeAgent::ReadFile(std::string path,
                                                   std::uint64_t offset,
                                                   std::uint64_t length,
                                                   Deadline /*deadline*/) {
  const auto found = files.find(path);
  if (found == files.end()) {
    co_return NoSuch(path);
  }
  const auto& content = found->second;
  const auto from = std::min<std::uint64_t>(offset, content.size());
  FileContent result{.info = InfoOf(path, content),
                     .bytes = std::make_unique<TextReader>(content.substr(from, length))};
  co_return result;
}

aio::Task<Result<std::unique_ptr<ByteWriter>>> FakeAgent::WriteFile(std::string path,
                                                                    std::uint32_t /*mode*/,
                                                                    Deadline /*deadline*/) {
  co_return std::make_unique<TextWriter>(*this, std::move(path));
}

aio::Task<Result<void>> FakeAgent::MakeDirectory(std::string /*path*/,
                                                 bool /*parents*/,
                                                 Deadline /*deadline*/) {
  co_return Result<void>();
}

aio::Task<Result<void>> FakeAgent::Move(std::string from, std::string to, Deadline /*deadline*/) {
  auto file = files.extract(from);
  if (!file) {
    co_return NoSuch(from);
  }
  files[to] = std::move(file.mapped());
  co_return Result<void>();
}

aio::Task<Result<void>> FakeAgent::Remove(std::string path,
                                          bool /*recursive*/,
                                          Deadline /*deadline*/) {
  if (files.erase(path) == 0) {
    co_return NoSuch(path);
  }
  co_return Result<void>();
}

aio::Task<Result<std::unique_ptr<ByteReader>>> FakeAgent::ReadTar(std::string path,
                                                                  Deadline /*deadline*/) {
  co_return std::make_unique<TextReader>("tar of " + path);
}

aio::Task<Result<std::unique_ptr<ByteWriter>>> FakeAgent::WriteTar(std::string path,
                                                                   Deadline /*deadline*/) {
  co_return std::make_unique<TextWriter>(*this, std::move(path));
}

aio::Task<Result<TerminalInfo>> FakeAgent::OpenTerminal(TerminalSpec spec, Deadline /*deadline*/) {
  const auto now = std::chrono::system_clock::now();
  TerminalInfo info{.id = spec.id,
                    .argv = std::move(spec.argv),
                    .title = "sh",
                    .column_count = spec.column_count,
                    .row_count = spec.row_count,
                    .created_at = now,
                    .active_at = now};
  terminals.push_back(info);
  co_return info;
}

aio::Task<Result<std::vector<TerminalInfo>>> FakeAgent::ListTerminals(Deadline /*deadline*/) {
  co_return terminals;
}

aio::Task<Result<void>> FakeAgent::CloseTerminal(TerminalId id, Deadline /*deadline*/) {
  if (std::erase_if(terminals, [&](const auto& one) { return one.id == id; }) == 0) {
    co_return Fail(Code::kNotFound, "no such terminal");
  }
  co_return Result<void>();
}

aio::Task<Result<std::unique_ptr<TerminalChannel>>> FakeAgent::AttachTerminal(
    TerminalId /*id*/, Deadline /*deadline*/) {
  co_return NotFaked();
}

aio::Task<Result<UniqueFd>> FakeAgent::Forward(std::string target, Deadline /*deadline*/) {
  forwards.push_back(target);
  if (forward) {
    co_return forward(target);
  }
  co_return NotFaked();
}

aio::Task<Result<AgentStats>> FakeAgent::Stats(Deadline /*deadline*/) { co_return AgentStats{}; }

}  // namespace paddock::sandbox::testing
