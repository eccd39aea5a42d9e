// FakeMmdebstrap: a program that takes mmdebstrap's place and makes a root file system in no time.
//
// It copies a shell and a few tools of the host with their libraries, so that the builder's own
// steps run for real, and runs the hooks as mmdebstrap does. What it should do wrong is scripted
// with a piece of shell that runs before the root file system is complete. Test double; needs root.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "images/builder.h"
#include "images/testing/temp_directory.h"

namespace paddock::images {

class FakeMmdebstrap {
 public:
  FakeMmdebstrap();

  /// Shell to run in the middle of the next builds, with $rootfs and $fake set.
  void Script(std::string_view shell) const;

  /// The version of the one package that the next builds install.
  void PackageVersion(std::string_view version) const;

  /// How often it has been run.
  [[nodiscard]] int RunCount() const;

  /// A host that has this program, a Debian mirror and nothing else.
  [[nodiscard]] BuildHost Host() const;

  [[nodiscard]] const std::filesystem::path& directory() const noexcept { return temp_.path(); }

 private:
  TempDirectory temp_;
};

}  // namespace paddock::images
