// Watches: who is to hear when a registered database is changed or removed.
//
// So that no session goes on with a place or a user that an admin has taken back. Used by Registry,
// and by the relays of SQL sessions. Threading: loop thread. Ownership: outlives every Watch of it.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <utility>

namespace paddock::databases {

enum class Change : std::uint8_t { kChanged, kRemoved };

class Watches {
 public:
  /// Hears until it goes. An empty one hears nothing.
  class Watch {
   public:
    Watch() = default;
    Watch(Watch&& other) noexcept
        : watches_(std::exchange(other.watches_, nullptr)), place_(other.place_) {}
    Watch& operator=(Watch&& other) noexcept {
      std::swap(watches_, other.watches_);
      std::swap(place_, other.place_);
      return *this;
    }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch();

   private:
    friend class Watches;
    struct Place {
      std::string name;
      std::function<void(Change)> heard;
    };
    Watch(Watches& watches, std::list<Place>::iterator place) : watches_(&watches), place_(place) {}

    Watches* watches_ = nullptr;
    std::list<Place>::iterator place_;
  };

  Watches() = default;
  Watches(const Watches&) = delete;
  Watches& operator=(const Watches&) = delete;

  /// `heard` is called at once when it happens; it must not begin or end a watch.
  [[nodiscard]] Watch Begin(std::string name, std::function<void(Change)> heard);
  void Tell(std::string_view name, Change change) const;

  [[nodiscard]] std::size_t count() const noexcept { return places_.size(); }

 private:
  std::list<Watch::Place> places_;
};
using Watch = Watches::Watch;

}  // namespace paddock::databases
