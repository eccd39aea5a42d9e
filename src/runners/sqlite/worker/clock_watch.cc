#include "runners/sqlite/worker/clock_watch.h"

#include <sqlite3.h>
#include <sys/random.h>

#include <chrono>
#include <cstring>

#include "base/check.h"

namespace paddock::runners::sqlite {
namespace {

bool asked =
    false;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables): SQLite's callbacks

constexpr sqlite3_int64 kUnixEpochJulianMilliseconds = 210'866'760'000'000;
constexpr double kMillisecondsPerDay = 86'400'000;
constexpr int kPathBytesMax = 512;

int Open(sqlite3_vfs* /*unused*/,
         const char* /*unused*/,
         sqlite3_file* file,
         int /*unused*/,
         int* /*unused*/) {
  file->pMethods = nullptr;
  return SQLITE_CANTOPEN;
}
int Delete(sqlite3_vfs* /*unused*/, const char* /*unused*/, int /*unused*/) {
  return SQLITE_IOERR_DELETE;
}
int Access(sqlite3_vfs* /*unused*/, const char* /*unused*/, int /*unused*/, int* found) {
  *found = 0;
  return SQLITE_OK;
}
int FullPathname(sqlite3_vfs* /*unused*/, const char* name, int size, char* out) {
  if (std::strlen(name) + 1 > static_cast<std::size_t>(size)) {
    return SQLITE_CANTOPEN;
  }
  std::memcpy(out, name, std::strlen(name) + 1);
  return SQLITE_OK;
}
int Randomness(sqlite3_vfs* /*unused*/, int size, char* out) {
  const auto count = getrandom(out, static_cast<std::size_t>(size), 0);
  return count < 0 ? 0 : static_cast<int>(count);
}
int Sleep(sqlite3_vfs* /*unused*/, int /*unused*/) { return 0; }
int CurrentTimeInt64(sqlite3_vfs* /*unused*/, sqlite3_int64* now) {
  asked = true;
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  *now = kUnixEpochJulianMilliseconds +
         std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count();
  return SQLITE_OK;
}
int CurrentTime(sqlite3_vfs* vfs, double* days) {
  sqlite3_int64 now = 0;
  const int status = CurrentTimeInt64(vfs, &now);
  *days = static_cast<double>(now) / kMillisecondsPerDay;
  return status;
}
int LastError(sqlite3_vfs* /*unused*/, int /*unused*/, char* /*unused*/) { return 0; }

}  // namespace

void ClockWatch::Install() {
  static sqlite3_vfs vfs{};
  vfs.iVersion = 2;
  vfs.szOsFile = static_cast<int>(sizeof(sqlite3_file));
  vfs.mxPathname = kPathBytesMax;
  vfs.zName = kName;
  vfs.xOpen = &Open;
  vfs.xDelete = &Delete;
  vfs.xAccess = &Access;
  vfs.xFullPathname = &FullPathname;
  vfs.xRandomness = &Randomness;
  vfs.xSleep = &Sleep;
  vfs.xCurrentTime = &CurrentTime;
  vfs.xGetLastError = &LastError;
  vfs.xCurrentTimeInt64 = &CurrentTimeInt64;
  PADDOCK_CHECK(sqlite3_vfs_register(&vfs, 0) == SQLITE_OK);
}

void ClockWatch::Reset() noexcept { asked = false; }
bool ClockWatch::was_asked() noexcept { return asked; }

}  // namespace paddock::runners::sqlite
