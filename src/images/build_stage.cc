#include "images/build_stage.h"

#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "images/build_progress.h"
#include "images/files.h"

namespace paddock::images {
namespace {

// What no terminal in a browser reads. The manual pages' directories stay: openjdk's installation
// fails without them.
constexpr std::array<std::string_view, 10> kDpkgOptions{"force-unsafe-io",
                                                        "path-exclude=/usr/share/doc/*",
                                                        "path-include=/usr/share/doc/*/copyright",
                                                        "path-exclude=/usr/share/man/*",
                                                        "path-exclude=/usr/share/info/*",
                                                        "path-exclude=/usr/share/locale/*",
                                                        "path-exclude=/usr/share/lintian/*",
                                                        "path-exclude=/usr/share/bug/*",
                                                        "path-exclude=/usr/share/gnome/help/*",
                                                        "path-exclude=/usr/share/help/*"};

constexpr std::string_view kAptOptions =
    "Acquire::Languages \"none\";\n"
    "Acquire::Retries \"3\";\n"
    "APT::Install-Recommends \"false\";\n"
    "APT::Install-Suggests \"false\";\n";

constexpr std::string_view kScriptHead =
    "#!/bin/sh\n"
    "set -eu\n"
    "root=$1\n"
    "stage=${0%/*}\n"
    "put() {\n"  // number, mode, path
    "  chroot \"$root\" /bin/sh -euc 'mkdir -p \"${2%/*}/\"; cat > \"$2\"; chmod \"$1\" \"$2\"' sh "
    "\"$2\" \"$3\" < \"$stage/file-$1\"\n"
    "}\n"
    // In a process namespace of its own: a server that a command leaves running ends with it, or
    // mmdebstrap would wait for it for ever.
    "run() {\n"  // number
    "  number=$1\n"
    "  set --\n"
    "  while IFS= read -r pair; do set -- \"$@\" \"$pair\"; done < \"$stage/env\"\n"
    "  unshare --mount --pid --fork --kill-child=KILL --mount-proc=\"$root/proc\" "
    "chroot \"$root\" /usr/bin/env -i \"$@\" /bin/sh -euc \"$(cat \"$stage/command-$number\")\" "
    "< /dev/null\n"
    "}\n";

constexpr std::string_view kTidyScript =
    "set -eu\n"
    // Set up by mmdebstrap for its own chroot; a sandbox has others mounted here.
    "rm -rf /dev/* /dev/.[!.]* /proc/* /sys/* /run/* /tmp/* /var/tmp/*\n"
    "rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb /var/cache/apt/*.bin\n"
    "rm -rf /var/cache/debconf/*-old /var/cache/ldconfig/* /var/lib/dpkg/*-old\n"
    "find /var/log -type f -delete\n"
    // What must differ between machines, and what tells of the host.
    "rm -f /etc/ssh/ssh_host_* /var/lib/dbus/machine-id /etc/hostname /etc/resolv.conf\n"
    "rm -f /etc/apt/apt.conf.d/99mmdebstrap /etc/apt/sources.list\n"
    "rm -f /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources\n"
    ": > /etc/machine-id\n"
    ": > /etc/resolv.conf\n"
    "echo '# A sandbox has no network; the sources of the build are not kept.' "
    "> /etc/apt/sources.list\n"
    "printf 'APT::Install-Recommends \"false\";\\n' > /etc/apt/apt.conf.d/90paddock\n"
    "printf '127.0.0.1\\tlocalhost\\n::1\\tlocalhost\\n' > /etc/hosts\n"
    "if [ -n \"$1\" ] && ! [ -x \"$1\" ]; then\n"
    "  echo \"E: boot: $1 is not an executable file in the image\"; exit 1\n"
    "fi\n";

Result<void> WriteScript(const std::filesystem::path& path, const std::string& content) {
  auto written = WriteFile(path, content);
  if (written && chmod(path.c_str(), 0755) != 0) {
    return FailErrno("change the mode of", path, errno);
  }
  return written;
}

// Writes the files and returns the lines of the script that put them in place.
Result<std::string> StageFiles(const Recipe& recipe,
                               const StageInput& input,
                               bool before_packages) {
  std::string script;
  for (std::size_t i = 0; i < recipe.files.size(); ++i) {
    const RecipeFile& file = recipe.files[i];
    if (file.before_packages != before_packages) {
      continue;
    }
    auto written = WriteFile(input.directory / fmt::format("file-{}", i), file.content);
    if (!written) {
      return Fail(std::move(written).error());
    }
    // The path is data of its own, so that quotes in it mean nothing.
    written = WriteFile(input.directory / fmt::format("path-{}", i), file.path);
    if (!written) {
      return Fail(std::move(written).error());
    }
    script += fmt::format("put {} {:04o} \"$(cat \"$stage/path-{}\")\"\n", i, file.mode, i);
  }
  return script;
}

Result<std::string> StageCommands(const Recipe& recipe, const StageInput& input) {
  std::string script;
  for (std::size_t i = 0; i < recipe.commands.size(); ++i) {
    auto written = WriteFile(input.directory / fmt::format("command-{}", i), recipe.commands[i]);
    if (!written) {
      return Fail(std::move(written).error());
    }
    script += fmt::format("echo '{}command {} of {}'\nrun {}\n", kStepMark, i + 1,
                          recipe.commands.size(), i);
  }
  return script;
}

// One NAME=value for each line; a recipe's values have no line breaks.
std::string CommandEnvironment(const Recipe& recipe) {
  auto env = recipe.env;
  env.try_emplace("HOME", "/root");
  env.try_emplace("LANG", "C.UTF-8");
  env.try_emplace("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  env.try_emplace("DEBIAN_FRONTEND", "noninteractive");
  std::string text;
  for (const auto& [name, value] : env) {
    text += fmt::format("{}={}\n", name, value);
  }
  return text;
}

Result<void> WriteScripts(const Recipe& recipe, const StageInput& input) {
  auto before = StageFiles(recipe, input, true);
  if (!before) {
    return Fail(std::move(before).error());
  }
  auto after = StageFiles(recipe, input, false);
  if (!after) {
    return Fail(std::move(after).error());
  }
  auto commands = StageCommands(recipe, input);
  if (!commands) {
    return Fail(std::move(commands).error());
  }
  auto written = WriteFile(input.directory / "env", CommandEnvironment(recipe));
  if (!written) {
    return written;
  }
  const std::string head(kScriptHead);
  written = WriteScript(input.directory / "essential",
                        head +
                            "mkdir -p \"$root\"/usr/share/man/man1 "
                            "\"$root\"/usr/share/man/man7 \"$root\"/usr/share/man/man8\n" +
                            *before);
  if (!written) {
    return written;
  }
  return WriteScript(input.directory / "customize", head + *after + *commands);
}

}  // namespace

Result<std::vector<std::string>> WriteStage(const Recipe& recipe, const StageInput& input) {
  auto written = WriteScripts(recipe, input);
  if (!written) {
    return Fail(std::move(written).error());
  }
  written = WriteFile(input.directory / "sources.list",
                      fmt::format("{}\n", fmt::join(input.sources, "\n")));
  if (!written) {
    return Fail(std::move(written).error());
  }
  written = WriteFile(input.directory / "apt.conf",
                      fmt::format("{}\n{}", fmt::join(input.acquire_lines, "\n"), kAptOptions));
  if (!written) {
    return Fail(std::move(written).error());
  }
  std::vector<std::string> argv{input.mmdebstrap,
                                "--verbose",
                                "--mode=root",
                                "--format=directory",
                                "--variant=minbase",
                                "--skip=output/dev",
                                "--aptopt=" + (input.directory / "apt.conf").native(),
                                "--essential-hook=" + (input.directory / "essential").native(),
                                "--customize-hook=" + (input.directory / "customize").native()};
  for (const std::string_view option : kDpkgOptions) {
    argv.push_back(fmt::format("--dpkgopt={}", option));
  }
  if (!recipe.packages.empty()) {
    argv.push_back(fmt::format("--include={}", fmt::join(recipe.packages, ",")));
  }
  argv.push_back(recipe.suite);
  argv.push_back(input.rootfs.native());
  argv.push_back((input.directory / "sources.list").native());
  return argv;
}

std::vector<std::string> TidyCommand(const Recipe& recipe, const std::filesystem::path& rootfs) {
  // In a chroot, so that no link in the image can lead the removals out of it.
  return {"chroot", rootfs.native(), "/bin/sh", "-c", std::string(kTidyScript),
          "tidy",   recipe.boot};
}

std::vector<std::string> BuildEnvironment() {
  std::vector<std::string> env{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                               "HOME=/root", "LANG=C.UTF-8", "DEBIAN_FRONTEND=noninteractive"};
  for (const std::string name : {"http_proxy", "https_proxy", "no_proxy"}) {
    if (const char* value =
            std::getenv(name.c_str())) {  // NOLINT(concurrency-mt-unsafe): nobody sets
      env.push_back(fmt::format("{}={}", name, value));
    }
  }
  return env;
}

}  // namespace paddock::images
