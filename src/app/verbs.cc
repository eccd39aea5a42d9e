#include <array>
#include <span>

#include "app/commands.h"

namespace paddock::app {
namespace {

constexpr std::array<Verb, 0> kVerbs{};

}  // namespace

std::span<const Verb> Verbs() noexcept { return kVerbs; }

}  // namespace paddock::app
