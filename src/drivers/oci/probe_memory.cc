#include "drivers/oci/probe_memory.h"

#include <sys/stat.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>
#include <fmt/format.h>

#include "base/encoding.h"
#include "base/log.h"
#include "drivers/oci/journal.h"
#include "drivers/oci/seccomp_profile.h"

namespace paddock::drivers::oci {
namespace json = boost::json;

std::string DescribeHost(const std::string& name) {
  auto host = fmt::format("{}\n", BootId());
  for (const Runtime& runtime : InstalledRuntimes(name)) {
    struct stat file{};
    stat(runtime.program.c_str(), &file);  // if it fails, zeros are as good as anything
    host += fmt::format("{} {} {} {}.{}\n", runtime.program, file.st_ino, file.st_size,
                        file.st_mtim.tv_sec, file.st_mtim.tv_nsec);
  }
  return host + json::serialize(SeccompProfile());
}

std::optional<Runtime> RecallRuntime(const std::string& path, const std::string& host) {
  std::ifstream file(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  // Boost.JSON throws; nothing of it leaves this function.
  try {
    const json::value document = json::parse(text);
    const auto word = [&](const char* key) {
      return json::value_to<std::string>(document.as_object().at(key));
    };
    auto filter = Base64Decode(word("seccomp_filter"));
    if (word("host") != host || !filter) {
      return std::nullopt;
    }
    const auto kind = RuntimeKindCalled(word("kind"));
    if (!kind) {
      return std::nullopt;
    }
    return Runtime{.kind = *kind,
                   .program = word("program"),
                   .version = word("version"),
                   .seccomp_filter = *std::move(filter)};
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

void RememberRuntime(const std::string& path, const std::string& host, const Runtime& runtime) {
  const json::object document{{"host", host},
                              {"kind", Name(runtime.kind)},
                              {"program", runtime.program},
                              {"version", runtime.version},
                              {"seccomp_filter", Base64Encode(runtime.seccomp_filter)}};
  const auto beside = path + ".new";
  std::ofstream file(beside, std::ios::binary | std::ios::trunc);
  file << json::serialize(document);
  file.close();
  if (!file || chmod(beside.c_str(), 0600) != 0 || rename(beside.c_str(), path.c_str()) != 0) {
    log::Warn("{} cannot be written: the next start probes the host again", path);
  }
}

}  // namespace paddock::drivers::oci
