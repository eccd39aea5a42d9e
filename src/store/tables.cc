#include "store/tables.h"

#include <array>

namespace paddock::store {
namespace {

constexpr std::array<Table, 0> kTables{};

}  // namespace

std::span<const Table> Tables() { return kTables; }

}  // namespace paddock::store
