#include "failing_vfs.h"

#include <sqlite3.h>

#include <atomic>
#include <cerrno>
#include <cstring>

namespace paddock::testing {
namespace {

std::atomic<DiskFault> fault_kind{DiskFault::kNone};
std::atomic<int> changes_left{0};
std::atomic<bool> has_failed{false};

// True when this change is one that fails.
bool Fails(bool is_write) {
  const DiskFault kind = fault_kind.load();
  if (kind == DiskFault::kNone || (kind == DiskFault::kFull && !is_write)) {
    return false;
  }
  const int left = changes_left.fetch_sub(1);
  const bool fails = kind == DiskFault::kGone ? left <= 1 : left == 1;
  if (fails) {
    has_failed = true;
  }
  return fails;
}

struct File {
  sqlite3_file base;
  sqlite3_file* real;  // in the same allocation, behind this
};

sqlite3_file* Real(sqlite3_file* file) { return reinterpret_cast<File*>(file)->real; }

int Close(sqlite3_file* file) { return Real(file)->pMethods->xClose(Real(file)); }
int Read(sqlite3_file* file, void* bytes, int size, sqlite3_int64 at) {
  return Real(file)->pMethods->xRead(Real(file), bytes, size, at);
}
int Write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
  if (!Fails(true)) {
    return Real(file)->pMethods->xWrite(Real(file), bytes, size, at);
  }
  Real(file)->pMethods->xWrite(Real(file), bytes, size / 2, at);
  return fault_kind.load() == DiskFault::kFull ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}
int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  return Fails(false) ? SQLITE_IOERR_TRUNCATE : Real(file)->pMethods->xTruncate(Real(file), size);
}
int Sync(sqlite3_file* file, int flags) {
  return Fails(false) ? SQLITE_IOERR_FSYNC : Real(file)->pMethods->xSync(Real(file), flags);
}
int FileSize(sqlite3_file* file, sqlite3_int64* size) {
  return Real(file)->pMethods->xFileSize(Real(file), size);
}
int Lock(sqlite3_file* file, int level) { return Real(file)->pMethods->xLock(Real(file), level); }
int Unlock(sqlite3_file* file, int level) {
  return Real(file)->pMethods->xUnlock(Real(file), level);
}
int CheckReservedLock(sqlite3_file* file, int* is_reserved) {
  return Real(file)->pMethods->xCheckReservedLock(Real(file), is_reserved);
}
int FileControl(sqlite3_file* file, int operation, void* argument) {
  return Real(file)->pMethods->xFileControl(Real(file), operation, argument);
}
int SectorSize(sqlite3_file* file) { return Real(file)->pMethods->xSectorSize(Real(file)); }
int DeviceCharacteristics(sqlite3_file* file) {
  return Real(file)->pMethods->xDeviceCharacteristics(Real(file));
}
int ShmMap(sqlite3_file* file, int region, int size, int extend, void volatile** memory) {
  return Real(file)->pMethods->xShmMap(Real(file), region, size, extend, memory);
}
int ShmLock(sqlite3_file* file, int offset, int count, int flags) {
  return Real(file)->pMethods->xShmLock(Real(file), offset, count, flags);
}
void ShmBarrier(sqlite3_file* file) { Real(file)->pMethods->xShmBarrier(Real(file)); }
int ShmUnmap(sqlite3_file* file, int remove) {
  return Real(file)->pMethods->xShmUnmap(Real(file), remove);
}

// Version 2: without mapped files, so that every write is seen.
const sqlite3_io_methods kMethods{.iVersion = 2,
                                  .xClose = &Close,
                                  .xRead = &Read,
                                  .xWrite = &Write,
                                  .xTruncate = &Truncate,
                                  .xSync = &Sync,
                                  .xFileSize = &FileSize,
                                  .xLock = &Lock,
                                  .xUnlock = &Unlock,
                                  .xCheckReservedLock = &CheckReservedLock,
                                  .xFileControl = &FileControl,
                                  .xSectorSize = &SectorSize,
                                  .xDeviceCharacteristics = &DeviceCharacteristics,
                                  .xShmMap = &ShmMap,
                                  .xShmLock = &ShmLock,
                                  .xShmBarrier = &ShmBarrier,
                                  .xShmUnmap = &ShmUnmap,
                                  .xFetch = nullptr,
                                  .xUnfetch = nullptr};

sqlite3_vfs* system_vfs = nullptr;
sqlite3_vfs failing_vfs;

int Open(sqlite3_vfs* /*unused*/, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  auto* wrapped = reinterpret_cast<File*>(file);
  wrapped->base.pMethods = nullptr;
  wrapped->real = reinterpret_cast<sqlite3_file*>(wrapped + 1);
  const int opened = system_vfs->xOpen(system_vfs, name, wrapped->real, flags, out_flags);
  if (wrapped->real->pMethods != nullptr) {
    wrapped->base.pMethods = &kMethods;
  }
  return opened;
}

int Delete(sqlite3_vfs* /*unused*/, const char* name, int sync_directory) {
  return Fails(false) ? SQLITE_IOERR_DELETE : system_vfs->xDelete(system_vfs, name, sync_directory);
}

}  // namespace

void FailingVfs::Register() {
  if (system_vfs == nullptr) {
    system_vfs = sqlite3_vfs_find(nullptr);
    // All else is the system's own, which looks at its own fields only.
    failing_vfs = *system_vfs;
    failing_vfs.zName = kName;
    failing_vfs.szOsFile = static_cast<int>(sizeof(File)) + system_vfs->szOsFile;
    failing_vfs.xOpen = &Open;
    failing_vfs.xDelete = &Delete;
    failing_vfs.pNext = nullptr;
    sqlite3_vfs_register(&failing_vfs, 0);
  }
}

void FailingVfs::Arm(DiskFault fault, int n) {
  changes_left = n;
  has_failed = false;
  fault_kind = fault;
}

void FailingVfs::Disarm() { fault_kind = DiskFault::kNone; }

bool FailingVfs::HasFailed() { return has_failed; }

}  // namespace paddock::testing
