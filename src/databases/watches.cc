#include "databases/watches.h"

namespace paddock::databases {

Watches::Watch::~Watch() {
  if (watches_ != nullptr) {
    watches_->places_.erase(place_);
  }
}

Watches::Watch Watches::Begin(std::string name, std::function<void(Change)> heard) {
  places_.push_back({.name = std::move(name), .heard = std::move(heard)});
  return {*this, std::prev(places_.end())};
}

void Watches::Tell(std::string_view name, Change change) const {
  for (const Watch::Place& place : places_) {
    if (place.name == name) {
      place.heard(change);
    }
  }
}

}  // namespace paddock::databases
