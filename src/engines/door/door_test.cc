#include "engines/door/door.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <string_view>
#include <thread>

#include <gtest/gtest.h>

namespace paddock::engines {
namespace {

UniqueFd ConnectTo(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.native().copy(static_cast<char*>(address.sun_path), path.native().size());
  UniqueFd client(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  EXPECT_EQ(connect(client.get(), generic, sizeof(address)), 0);
  return client;
}

struct Pair {
  UniqueFd dialled;
  UniqueFd server;
};

Pair MakePair() {
  std::array<int, 2> ends{-1, -1};
  EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
  return {.dialled = UniqueFd(ends[0]), .server = UniqueFd(ends[1])};
}

std::string Read(int fd) {
  std::array<char, 64> bytes{};
  const ssize_t size = recv(fd, bytes.data(), bytes.size(), 0);
  return {bytes.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

TEST(Door, WhatALibrarySentBeforeAndSendsAfterwardsReachesWhatWasDialled) {
  auto door = Door::Open(std::filesystem::temp_directory_path());
  ASSERT_TRUE(door) << door.error().message;
  const UniqueFd library = ConnectTo(door->socket_path());
  ASSERT_EQ(send(library.get(), "before", 6, 0), 6);
  Pair pair = MakePair();
  ASSERT_TRUE(door->Admit(library.get(), std::move(pair.dialled)));
  EXPECT_EQ(Read(pair.server.get()), "before");
  ASSERT_EQ(send(library.get(), "after", 5, 0), 5);
  EXPECT_EQ(Read(pair.server.get()), "after");
  ASSERT_EQ(send(pair.server.get(), "answer", 6, 0), 6);
  EXPECT_EQ(Read(library.get()), "answer");
  EXPECT_NE(fcntl(library.get(), F_GETFD) & FD_CLOEXEC, 0);
  EXPECT_NE(fcntl(library.get(), F_GETFL) & O_NONBLOCK, 0);
}

TEST(Door, NobodyElseCanEnterAndNothingIsLeft) {
  std::filesystem::path directory;
  {
    auto door = Door::Open(std::filesystem::temp_directory_path());
    ASSERT_TRUE(door);
    directory = door->directory();
    EXPECT_EQ(std::filesystem::status(directory).permissions(), std::filesystem::perms::owner_all);
  }
  EXPECT_FALSE(std::filesystem::exists(directory));
}

TEST(Door, WhatIsWithdrawnStaysOpenWhileTheLibraryHangsUp) {
  Pair pair = MakePair();
  const UniqueFd library = std::move(pair.dialled);
  auto kept = Door::Withdraw(library.get());
  ASSERT_TRUE(kept);
  EXPECT_EQ(send(library.get(), "bye", 3, MSG_NOSIGNAL), -1);
  ASSERT_EQ(send(kept->get(), "still", 5, 0), 5);
  EXPECT_EQ(Read(pair.server.get()), "still");
}

TEST(Door, AMessageIsTakenFromAClientThatWaitsToBeHungUpOn) {
  auto door = Door::Open(std::filesystem::temp_directory_path());
  ASSERT_TRUE(door);
  std::string heard = "?";
  std::jthread client([&] {
    const UniqueFd socket = ConnectTo(door->socket_path());
    EXPECT_EQ(send(socket.get(), "0123456789", 10, 0), 10);
    heard = Read(socket.get());
  });
  auto message = door->TakeMessage(10);
  client.join();
  ASSERT_TRUE(message) << message.error().message;
  EXPECT_EQ(*message, "0123456789");
  EXPECT_EQ(heard, "");
}

TEST(Door, WhoComesToAShutDoorIsHungUpOn) {
  auto door = Door::Open(std::filesystem::temp_directory_path());
  ASSERT_TRUE(door);
  const UniqueFd early = ConnectTo(door->socket_path());
  door->Shut();
  EXPECT_EQ(Read(early.get()), "");
}

TEST(Door, APathThatIsTooLongIsRefused) {
  const auto deep = std::filesystem::temp_directory_path() / std::string(100, 'x');
  std::filesystem::create_directories(deep);
  auto door = Door::Open(deep);
  std::filesystem::remove(deep);
  ASSERT_FALSE(door);
  EXPECT_EQ(door.error().code, Code::kInvalid);
}

}  // namespace
}  // namespace paddock::engines
