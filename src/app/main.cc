#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <span>
#include <string_view>

#include <fmt/format.h>

#include "app/commands.h"

namespace {

using paddock::app::Verb;
using paddock::app::Verbs;

int PrintUsage(std::FILE* out, int status) {
  fmt::print(out, "Paddock {}: a machine of one's own in the browser, for every learner\n\n",
             PADDOCK_VERSION);
  fmt::print(out, "usage: paddock VERB [OPTIONS]      (paddock VERB --help lists the options)\n\n");
  for (const Verb& verb : Verbs()) {
    if (!verb.summary.empty()) {
      fmt::print(out, "  {:<16} {}\n", verb.name, verb.summary);
    }
  }
  return status;
}

int Run(std::span<char*> arguments) {
  if (arguments.size() < 2) {
    return PrintUsage(stderr, 2);
  }
  const std::string_view wanted = arguments[1];
  if (wanted == "help" || wanted == "--help" || wanted == "-h") {
    return PrintUsage(stdout, 0);
  }
  if (wanted == "version" || wanted == "--version") {
    fmt::print("paddock {}\n", PADDOCK_VERSION);
    return 0;
  }
  const auto verb = std::ranges::find(Verbs(), wanted, &Verb::name);
  if (verb == Verbs().end()) {
    fmt::print(stderr, "paddock: there is no verb '{}'\n\n", wanted);
    return PrintUsage(stderr, 2);
  }
  return verb->run(arguments.subspan(1));
}

}  // namespace

int main(int argc, char** argv) {
  // What reaches this place is a bug or a third party's throw that its adapter should have caught.
  try {
    return Run(std::span(argv, static_cast<std::size_t>(argc)));
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "paddock: unexpected failure: %s\n", failure.what());
    return 1;
  }
}
