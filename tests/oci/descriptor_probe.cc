// Sends a descriptor over its standard output, as a hostile agent would over its connection.
//
// Runs inside a sandbox and prints what came of it, "sent" or the name of the error; before that
// the same of a socket pair of its own, where nothing forbids it. Statically linked.
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

namespace {

const char* SendDescriptorOver(int socket) {
  const int sent = STDERR_FILENO;
  char byte = '.';
  iovec data{.iov_base = &byte, .iov_len = 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof sent)> control{};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof sent);
  memcpy(CMSG_DATA(header), &sent, sizeof sent);
  return sendmsg(socket, &message, MSG_NOSIGNAL) == 1 ? "sent" : strerrorname_np(errno);
}

}  // namespace

int main() {
  std::array<int, 2> own{};
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, own.data()) != 0) {
    return 1;
  }
  const char* over_own = SendDescriptorOver(own[0]);
  const char* over_stream = SendDescriptorOver(STDOUT_FILENO);
  std::printf("own %s\nstream %s\n", over_own, over_stream);
  return 0;
}
