#include "images/testing/fake_mmdebstrap.h"

#include <sys/stat.h>

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "base/check.h"
#include "images/files.h"

namespace paddock::images {
namespace {

constexpr std::string_view kProgram = R"~(#!/bin/sh
set -eu
fake={}
echo run >> "$fake/runs"
essential= customize= rootfs=
for argument; do
  case $argument in
    --essential-hook=*) essential=${{argument#*=}} ;;
    --customize-hook=*) customize=${{argument#*=}} ;;
    */rootfs) rootfs=$argument ;;
  esac
done
echo "I: running apt-get update..."
mkdir -p "$rootfs"
. "$fake/script"
for program in /bin/sh /bin/cat /bin/chmod /bin/mkdir /bin/rm /usr/bin/env /usr/bin/find; do
  for file in "$program" $(ldd "$program" | grep -o '/[^ )]*'); do
    mkdir -p "$rootfs${{file%/*}}"
    cp -L "$file" "$rootfs$file"
  done
done
for directory in dev proc sys run tmp var/tmp var/log var/lib/dpkg etc/apt/apt.conf.d; do
  mkdir -p "$rootfs/$directory"
done
mknod "$rootfs/dev/null" c 1 3
echo secret > "$rootfs/etc/hostname"
echo "deb http://mirror.invalid/debian x main" > "$rootfs/etc/apt/sources.list"
cp "$fake/status" "$rootfs/var/lib/dpkg/status"
"$essential" "$rootfs"
echo "I: running --customize-hook"
"$customize" "$rootfs"
)~";

}  // namespace

FakeMmdebstrap::FakeMmdebstrap() {
  const auto program = directory() / "mmdebstrap";
  const auto apt = directory() / "apt";
  const bool written =
      WriteFile(program, fmt::format(kProgram, directory().native())).has_value() &&
      MakeDirectories(apt).has_value() &&
      WriteFile(apt / "sources.list", "deb http://mirror.invalid/debian bookworm main\n") &&
      WriteFile(directory() / "os-release", "VERSION_CODENAME=bookworm\n").has_value() &&
      chmod(program.c_str(), 0755) == 0;
  PADDOCK_CHECK(written);
  Script("");
  PackageVersion("1.0");
}

void FakeMmdebstrap::Script(std::string_view shell) const {
  PADDOCK_CHECK(WriteFile(directory() / "script", shell).has_value());
}

void FakeMmdebstrap::PackageVersion(std::string_view version) const {
  const auto status = fmt::format(
      "Package: tiny\nStatus: install ok installed\nArchitecture: all\nVersion: {}\n", version);
  PADDOCK_CHECK(WriteFile(directory() / "status", status).has_value());
}

int FakeMmdebstrap::RunCount() const {
  const auto runs = ReadFile(directory() / "runs").value_or("");
  return static_cast<int>(std::ranges::count(runs, '\n'));
}

BuildHost FakeMmdebstrap::Host() const {
  return {.mmdebstrap = directory() / "mmdebstrap",
          .apt_directory = directory() / "apt",
          .os_release = directory() / "os-release"};
}

}  // namespace paddock::images
