// bench_client: the hot half of bench/run.
//
// usage: bench_client exec|echo|bulk ARGUMENT…    (see commands.h)
#include <cstdio>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "bench/client/commands.h"

namespace paddock::bench {

Server Server::At(const std::string& port, const std::string& token) {
  return {.port = static_cast<std::uint16_t>(std::stoi(port)),
          .authorization = fmt::format("Authorization: Bearer {}\r\n", token)};
}

}  // namespace paddock::bench

int main(int argc, char** argv) {
  const std::map<std::string, void (*)(std::span<const std::string>)> commands{
      {"exec", paddock::bench::MeasureExec},
      {"echo", paddock::bench::MeasureEcho},
      {"bulk", paddock::bench::MeasureBulk}};
  const std::vector<std::string> words(argv + 1, argv + argc);
  const auto found = words.empty() ? commands.end() : commands.find(words.front());
  if (found == commands.end()) {
    (void)std::fputs("usage: bench_client exec|echo|bulk ARGUMENT…\n", stderr);
    return 64;
  }
  found->second(std::span(words).subspan(1));
  return 0;
}
