// AgentClient's calls on files.

#include <algorithm>
#include <utility>

#include "sandbox/internal/agent_client_impl.h"

namespace paddock::sandbox::internal {
namespace {

constexpr std::uint32_t kDirectoryMode = 0755;

FileKind ToKind(protocol::EntryKind kind) {
  switch (kind) {
    case protocol::EntryKind::kFile: return FileKind::kFile;
    case protocol::EntryKind::kDirectory: return FileKind::kDirectory;
    case protocol::EntryKind::kSymlink: return FileKind::kSymlink;
    case protocol::EntryKind::kOther: return FileKind::kOther;
  }
  return FileKind::kOther;  // unreachable for valid values
}

FileInfo ToInfo(protocol::FileRecord record) {
  return {.name = std::move(record.name),
          .kind = ToKind(record.kind),
          .size = record.size,
          .mode = record.mode,
          .uid = record.uid,
          .gid = record.gid,
          .modified_at = record.modified_at,
          .link_target = std::move(record.link_target)};
}

}  // namespace

aio::Task<Result<FileInfo>> AgentClientImpl::Stat(std::string path, Deadline deadline) {
  protocol::StatRequest request{.follows = true, .path = std::move(path)};
  auto answer = co_await Ask(std::move(request), deadline);
  if (!answer) {
    co_return Fail(std::move(answer).error());
  }
  auto record = Trusted(protocol::DecodeFile(*answer));
  if (!record) {
    co_return Fail(std::move(record).error());
  }
  co_return ToInfo(*std::move(record));
}

aio::Task<Result<Directory>> AgentClientImpl::ListDirectory(std::string path,
                                                            int entries_max,
                                                            Deadline deadline) {
  protocol::ListRequest request;
  const auto limit = std::int64_t{protocol::kListEntryCountMax};
  request.entry_count_max =
      static_cast<std::uint32_t>(std::clamp<std::int64_t>(entries_max, 0, limit));
  request.path = std::move(path);
  using Channel = RecordChannel<protocol::FileRecord>;
  auto channel = std::make_shared<Channel>(connection_->executor(), protocol::DecodeFiles,
                                           std::size_t{request.entry_count_max});
  auto handle = connection_->Open(channel, std::move(request));
  if (!handle) {
    co_return Fail(std::move(handle).error());
  }
  auto end = co_await handle->AwaitEnd(deadline);
  if (!end) {
    co_return Fail(std::move(end).error());
  }
  const auto truncated = Trusted(protocol::DecodeListEnd(*end));
  if (!truncated) {
    co_return Fail(truncated.error());
  }
  Directory directory;
  directory.truncated = *truncated || channel->was_cut();
  directory.entries.reserve(channel->records().size());
  for (auto& record : channel->records()) {
    directory.entries.push_back(ToInfo(std::move(record)));
  }
  std::ranges::sort(directory.entries, {}, &FileInfo::name);
  co_return directory;
}

aio::Task<Result<FileContent>> AgentClientImpl::ReadFile(std::string path,
                                                         std::uint64_t offset,
                                                         std::uint64_t length,
                                                         Deadline deadline) {
  protocol::ReadRequest request{.offset = offset, .length = length, .path = std::move(path)};
  auto channel = std::make_shared<BytesChannel>(connection_->executor());
  auto handle = co_await OpenReady(channel, std::move(request), deadline);
  if (!handle) {
    co_return Fail(std::move(handle).error());
  }
  auto record = Trusted(protocol::DecodeFile(channel->ready_payload()));
  if (!record) {
    co_return Fail(std::move(record).error());
  }
  FileContent content;
  content.info = ToInfo(*std::move(record));
  const auto behind = content.info.size.count - std::min(offset, content.info.size.count);
  content.bytes = MakeByteReader(*std::move(handle), std::min(length, behind));
  co_return content;
}

aio::Task<Result<std::unique_ptr<ByteWriter>>> AgentClientImpl::OpenWriter(
    protocol::Request request, Deadline deadline) {
  constexpr ChannelRules kRules{.ready = true, .takes_data = true};
  auto channel = std::make_shared<PlainChannel>(connection_->executor(), kRules);
  auto handle = co_await OpenReady(std::move(channel), std::move(request), deadline);
  if (!handle) {
    co_return Fail(std::move(handle).error());
  }
  co_return MakeByteWriter(*std::move(handle));
}

aio::Task<Result<std::unique_ptr<ByteWriter>>> AgentClientImpl::WriteFile(std::string path,
                                                                          std::uint32_t mode,
                                                                          Deadline deadline) {
  protocol::WriteRequest request{.mode = mode, .path = std::move(path)};
  auto writer = co_await OpenWriter(std::move(request), deadline);
  co_return writer;
}

aio::Task<Result<std::unique_ptr<ByteWriter>>> AgentClientImpl::WriteTar(std::string path,
                                                                         Deadline deadline) {
  protocol::TarWriteRequest request{.path = std::move(path)};
  auto writer = co_await OpenWriter(std::move(request), deadline);
  co_return writer;
}

aio::Task<Result<std::unique_ptr<ByteReader>>> AgentClientImpl::ReadTar(std::string path,
                                                                        Deadline deadline) {
  protocol::TarReadRequest request{.path = std::move(path)};
  auto channel = std::make_shared<BytesChannel>(connection_->executor());
  auto handle = co_await OpenReady(std::move(channel), std::move(request), deadline);
  if (!handle) {
    co_return Fail(std::move(handle).error());
  }
  co_return MakeByteReader(*std::move(handle), ~std::uint64_t{0});
}

aio::Task<Result<void>> AgentClientImpl::MakeDirectory(std::string path,
                                                       bool parents,
                                                       Deadline deadline) {
  protocol::MakeDirectoryRequest request{
      .parents = parents, .mode = kDirectoryMode, .path = std::move(path)};
  auto told = co_await Tell(std::move(request), deadline);
  co_return told;
}

aio::Task<Result<void>> AgentClientImpl::Move(std::string from, std::string to, Deadline deadline) {
  protocol::MoveRequest request{.replaces = false, .from = std::move(from), .to = std::move(to)};
  auto told = co_await Tell(std::move(request), deadline);
  co_return told;
}

aio::Task<Result<void>> AgentClientImpl::Remove(std::string path,
                                                bool recursive,
                                                Deadline deadline) {
  protocol::RemoveRequest request{.recursive = recursive, .path = std::move(path)};
  auto told = co_await Tell(std::move(request), deadline);
  co_return told;
}

}  // namespace paddock::sandbox::internal
