// Sample: an OptionSet with one option of each kind, and files of a test's own to configure it.
//
// Used by the tests of this part. Threading: one. Ownership: the folder goes with the Sample.
#pragma once

#include <stdlib.h>
#include <sys/stat.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "app/config/loader.h"
#include "app/config/option_set.h"

namespace paddock::app::config {

class Sample : public ::testing::Test {
 public:
  explicit Sample(Process process = Process::kAll) : set(process) {
    std::string pattern = (std::filesystem::temp_directory_path() / "paddock-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    set.Begin("Places", Process::kAll);
    set.Text("config", config_file, "the file").reach = Reach::kFlagAndEnvironment;
    set.Path("data-dir", data_dir, "what must survive");
    set.Begin("Web", Process::kServer);
    set.Text("public-origin", public_origin, "what browsers see").example =
        "https://paddock.example";
    set.List("trusted-proxies", trusted_proxies, "who speaks for others");
    set.Integer("memory-max-mib", memory_max_mib, 32, 4'194'304, "of one sandbox");
    set.Number(
        "user-rate", {.initial = user_rate, .min = 0.01, .max = 1e9},
        [this](double rate) { user_rate = rate; }, "of one user");
    set.Switch("guests", guests, "come in without signing in");
    set.Secret("store", store, Secrecy::kPassword, "where things are kept");
    set.Secret("client-secret", client_secret, Secrecy::kSecret, "what we prove ourselves with");
    set.Begin("Node", Process::kNode);
    set.Integer("id-base", id_base, 0, 1 << 30, "first id");
  }
  Sample(const Sample&) = delete;
  Sample& operator=(const Sample&) = delete;
  Sample(Sample&&) = delete;
  Sample& operator=(Sample&&) = delete;
  ~Sample() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string PathOf(const std::string& name) const { return folder_ / name; }

  std::string Write(const std::string& name, const std::string& text, mode_t mode = 0600) const {
    const std::string path = PathOf(name);
    std::ofstream(path) << text;
    chmod(path.c_str(), mode);
    return path;
  }

  /// Loads `toml` as the file, then `environment`, then `flags`.
  Report LoadAll(const std::string& toml,
                 const std::vector<std::string>& environment = {},
                 const std::vector<std::string>& flags = {}) {
    const std::string path = Write("paddock.toml", toml);
    return Load(set, {.arguments = flags, .environment = environment, .file_default = path});
  }

  /// The only error, without the folder of the test in it.
  [[nodiscard]] std::string OnlyError(const Report& report) const {
    EXPECT_EQ(report.errors.size(), 1U) << ::testing::PrintToString(report.errors);
    return report.errors.empty() ? "" : Short(report.errors.front());
  }
  [[nodiscard]] std::string Short(std::string text) const {
    const std::string prefix = folder_.string() + "/";
    for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix)) {
      text.erase(at, prefix.size());
    }
    return text;
  }

  std::string config_file = "/etc/paddock/paddock.toml";
  std::filesystem::path data_dir = "/var/lib/paddock";
  std::string public_origin;
  Texts trusted_proxies;
  int memory_max_mib = 4096;
  double user_rate = 50;
  bool guests = true;
  std::string store;
  std::string client_secret;
  std::uint32_t id_base = 7;
  OptionSet set;

 private:
  std::filesystem::path folder_;
};

/// The same as the node reads it.
class NodeSample : public Sample {
 public:
  NodeSample() : Sample(Process::kNode) {}
};

}  // namespace paddock::app::config
