// File work: what each kind of file request does, run in a worker process that may block.
//
// Paths are resolved as any process in the sandbox would; each is named once, and work goes on with
// the descriptor it gave. A FIFO, socket or device is refused and never waited for.
//
// Errors: kNotFound, kInvalid (wrong kind of file), kDenied, kConflict (exists, not empty),
// kDiskFull, kCancelled (the client gave up; all is undone).
#pragma once

#include "agent/files/worker_io.h"
#include "base/result.h"
#include "protocol/requests.h"

namespace paddock::agent::files {

// Each sends READY and DATA where its kind has them, then RESULT; an error is left to the caller.
[[nodiscard]] Result<void> Stat(WorkerIo& io, const protocol::StatRequest& request);
[[nodiscard]] Result<void> List(WorkerIo& io, const protocol::ListRequest& request);
[[nodiscard]] Result<void> Read(WorkerIo& io, const protocol::ReadRequest& request);
[[nodiscard]] Result<void> Write(WorkerIo& io, const protocol::WriteRequest& request);
[[nodiscard]] Result<void> MakeDirectory(WorkerIo& io,
                                         const protocol::MakeDirectoryRequest& request);
[[nodiscard]] Result<void> Move(WorkerIo& io, const protocol::MoveRequest& request);
[[nodiscard]] Result<void> Remove(WorkerIo& io, const protocol::RemoveRequest& request);
[[nodiscard]] Result<void> ReadTar(WorkerIo& io, const protocol::TarReadRequest& request);
[[nodiscard]] Result<void> WriteTar(WorkerIo& io, const protocol::TarWriteRequest& request);

}  // namespace paddock::agent::files
