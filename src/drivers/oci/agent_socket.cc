#include "drivers/oci/agent_socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>

#include <fmt/format.h>

namespace paddock::drivers::oci {
namespace {

constexpr int kBacklog = 64;
constexpr int kPassRights = 83;  // SO_PASSRIGHTS, of Linux 6.16

// An address has room for 107 characters, so it goes through the directory's descriptor.
struct Place {
  UniqueFd directory;
  sockaddr_un address{};
};

Result<Place> PlaceOf(const std::string& path) {
  const std::filesystem::path whole(path);
  Place place;
  place.directory.Reset(open(whole.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  const auto text =
      fmt::format("/proc/self/fd/{}/{}", place.directory.get(), whole.filename().string());
  if (!place.directory || text.size() >= sizeof place.address.sun_path) {
    return Fail(Code::kUnavailable, fmt::format("socket {}: {}", path, strerrordesc_np(errno)));
  }
  place.address.sun_family = AF_UNIX;
  text.copy(place.address.sun_path, text.size());
  return place;
}

const sockaddr* Generic(const Place& place) {
  return reinterpret_cast<const sockaddr*>(&place.address);  // NOLINT: the C interface
}

}  // namespace

Result<UniqueFd> ListenOn(const std::string& path) {
  unlink(path.c_str());
  auto place = PlaceOf(path);
  if (!place) {
    return Fail(std::move(place).error());
  }
  UniqueFd listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!listener || bind(listener.get(), Generic(*place), sizeof place->address) != 0 ||
      listen(listener.get(), kBacklog) != 0) {
    return Fail(Code::kUnavailable, fmt::format("listen on {}: {}", path, strerrordesc_np(errno)));
  }
  return listener;
}

Result<UniqueFd> ConnectTo(const std::string& path) {
  auto place = PlaceOf(path);
  if (!place) {
    return Fail(std::move(place).error());
  }
  UniqueFd stream(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  // Descriptors that a sandbox sends would be closed in the name of who reads, and a TCP socket
  // that lingers takes as long to close as its owner has said. An older kernel cannot refuse them.
  const int off = 0;
  setsockopt(stream.get(), SOL_SOCKET, kPassRights, &off, sizeof off);
  if (!stream || connect(stream.get(), Generic(*place), sizeof place->address) != 0) {
    return Fail(Code::kUnavailable,
                fmt::format("connect to the agent at {}: {}", path, strerrordesc_np(errno)));
  }
  return stream;
}

}  // namespace paddock::drivers::oci
