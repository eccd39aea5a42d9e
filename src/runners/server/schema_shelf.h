// Shelf: what ClonePool has of one schema. Used by ClonePool and ServerRunner.
//
// Threading: loop thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/steady_timer.hpp>

#include "aio/condition.h"
#include "base/result.h"
#include "runners/server/databases.h"

namespace paddock::runners::server {

struct ReadyPlace {
  Place place;
  std::size_t run_count = 0;
};

/// A run that waits for a place.
struct PlaceWaiter {
  boost::asio::steady_timer turn;
  std::uint64_t ticket = 0;  // who waits longer has a smaller one
  std::optional<ReadyPlace> place = std::nullopt;
  std::optional<Error> error = std::nullopt;
};

/// The places for one use.
struct Rack {
  std::deque<ReadyPlace> ready;
  std::list<PlaceWaiter*> waiting;
  std::size_t making = 0;
  std::size_t count = 0;   // all that there are, those being made included
  std::size_t target = 0;  // that are to be ready
};

struct Shelf {
  std::string digest;
  std::uint64_t epoch = 0;  // of the server's connection; what is from another one is gone
  bool is_ready = false;
  bool is_gone = false;
  std::optional<Error> error = std::nullopt;  // why it could not be prepared
  PreparedSchema schema = {};
  aio::Condition changed;
  std::array<Rack, 2> racks = {};
  std::size_t run_count = 0;   // under way
  std::uint64_t last_use = 0;  // greater is later

  [[nodiscard]] Rack& rack(Use use) { return racks.at(static_cast<std::size_t>(use)); }
  [[nodiscard]] const Rack& rack(Use use) const { return racks.at(static_cast<std::size_t>(use)); }
};
using ShelfRef = std::shared_ptr<Shelf>;

}  // namespace paddock::runners::server
