#include "sqlrunner/mariadb_tls.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>

namespace paddock::sqlrunner {
namespace {

constexpr std::size_t kHeaderBytes = 4;  // u24 length, u8 number
constexpr std::size_t kNumberAt = 3;
constexpr std::size_t kOpeningBytesMax = std::size_t{64} * 1024;  // of a packet before it is let in
constexpr std::size_t kTurnsMax = 16;                             // of asking for a password
constexpr std::size_t kTlsRequestBytes = 32;  // of an answer: what stands before the user's name
constexpr char kOk = 0;
constexpr char kError = '\xff';
constexpr char kProtocol = 10;
constexpr std::uint8_t kTlsBit = 0x08;  // CLIENT_SSL, in the second byte of what a side can do
// In a greeting, behind the version's end: id of the connection, salt and a filler.
constexpr std::size_t kAbilitiesAfterVersion = 4 + 8 + 1;

std::unexpected<Error> NotMariadb() {
  return Fail(Code::kUnavailable, "the database did not answer as MariaDB does");
}

/// Where the second byte of the server's abilities is in its greeting; nothing: it is none.
std::optional<std::size_t> AbilitiesIn(const std::string& packet) {
  const auto version_end = packet.find('\0', kHeaderBytes + 1);
  if (packet.size() <= kHeaderBytes || packet[kHeaderBytes] != kProtocol ||
      version_end == std::string::npos) {
    return std::nullopt;
  }
  const std::size_t at = version_end + 1 + kAbilitiesAfterVersion + 1;
  return at < packet.size() ? std::optional(at) : std::nullopt;
}

bool Has(char abilities, std::uint8_t bit) {
  return (static_cast<std::uint8_t>(abilities) & bit) != 0;
}

void Renumber(std::string& packet, int by) {
  packet[kNumberAt] = static_cast<char>(static_cast<std::uint8_t>(packet[kNumberAt]) + by);
}

template <class From>
aio::Task<Result<std::string>> ReadPacket(From& from, Deadline deadline) {  // outlives the task
  std::string packet(kHeaderBytes, '\0');
  auto begun = co_await ReadAll(from, packet, deadline);
  if (!begun) {
    co_return Fail(std::move(begun).error());
  }
  constexpr unsigned kByteBits = 8;
  std::size_t size = 0;
  for (std::size_t i = kNumberAt; i > 0; --i) {
    size = size << kByteBits | static_cast<std::uint8_t>(packet[i - 1]);
  }
  if (size == 0 || size > kOpeningBytesMax) {
    co_return NotMariadb();
  }
  packet.resize(kHeaderBytes + size);
  auto read = co_await ReadAll(from, std::span(packet).subspan(kHeaderBytes), deadline);
  if (!read) {
    co_return Fail(std::move(read).error());
  }
  co_return packet;
}

/// From the engine's answer to the greeting to TLS, in which it is said again.
aio::Task<Result<void>> Secure(TlsRelayPtr relay, Deadline deadline) {
  auto answer = co_await ReadPacket(relay->engine(), deadline);
  if (!answer) {
    co_return Fail(std::move(answer).error());
  }
  if (answer->size() < kHeaderBytes + kTlsRequestBytes) {
    co_return Fail(Code::kInternal, "the library for MariaDB speaks an old protocol");
  }
  char& abilities = (*answer)[kHeaderBytes + 1];
  abilities = static_cast<char>(static_cast<std::uint8_t>(abilities) | kTlsBit);
  std::string request = answer->substr(0, kHeaderBytes + kTlsRequestBytes);
  request[0] = static_cast<char>(kTlsRequestBytes);
  request[1] = request[2] = 0;
  auto asked = co_await WriteAll(relay->server(), std::move(request));
  if (!asked) {
    co_return asked;
  }
  auto shaken = co_await relay->Handshake(deadline);
  if (!shaken) {
    co_return shaken;
  }
  Renumber(*answer, 1);
  auto sent = co_await WriteAll(relay->secured(), *std::move(answer));
  co_return sent;
}

/// Until the server has let the engine in, or said why not.
aio::Task<Result<void>> LetIn(TlsRelayPtr relay, Deadline deadline) {
  for (std::size_t turn = 0; turn < kTurnsMax; ++turn) {
    auto said = co_await ReadPacket(relay->secured(), deadline);
    if (!said) {
      co_return Fail(std::move(said).error());
    }
    const char kind = (*said)[kHeaderBytes];
    Renumber(*said, -1);
    auto told = co_await WriteAll(relay->engine(), *std::move(said));
    if (!told || kind == kOk || kind == kError) {
      co_return told;
    }
    auto answer = co_await ReadPacket(relay->engine(), deadline);
    if (!answer) {
      co_return Fail(std::move(answer).error());
    }
    Renumber(*answer, 1);
    auto sent = co_await WriteAll(relay->secured(), *std::move(answer));
    if (!sent) {
      co_return sent;
    }
  }
  co_return NotMariadb();
}

/// Whether what follows is copied with TLS.
aio::Task<Result<bool>> Introduce(TlsRelayPtr relay, Deadline deadline) {
  auto greeting = co_await ReadPacket(relay->server(), deadline);
  if (!greeting) {
    co_return Fail(greeting.error().code == Code::kUnavailable ? NotMariadb().error()
                                                               : std::move(greeting).error());
  }
  const auto abilities = AbilitiesIn(*greeting);
  // It says why it lets nobody in: that is for the engine to read.
  const bool is_refusal = (*greeting)[kHeaderBytes] == kError;
  if (!abilities && !is_refusal) {
    co_return NotMariadb();
  }
  const bool has_tls = abilities && Has((*greeting)[*abilities], kTlsBit);
  if (!has_tls && !is_refusal && relay->wish().mode != TlsMode::kPrefer) {
    co_return SpeaksNoTls(relay->wish().host);
  }
  if (has_tls) {
    char& flags = (*greeting)[*abilities];
    flags = static_cast<char>(static_cast<std::uint8_t>(flags) & ~unsigned{kTlsBit});
  }
  auto told = co_await WriteAll(relay->engine(), *std::move(greeting));
  if (!told) {
    co_return Fail(std::move(told).error());
  }
  if (!has_tls) {
    co_return false;
  }
  auto secured = co_await Secure(relay, deadline);
  if (!secured) {
    co_return Fail(std::move(secured).error());
  }
  auto entered = co_await LetIn(relay, deadline);
  if (!entered) {
    co_return Fail(std::move(entered).error());
  }
  co_return true;
}

aio::Task<void> Serve(TlsRelayPtr relay,
                      TlsRefusal refusal,
                      aio::TaskScope& relays,  // it runs in this one
                      Deadline deadline) {
  auto introduced = co_await Introduce(relay, deadline);
  if (introduced) {
    StartCopying(relay, *introduced, relays);
  } else {
    *refusal = std::move(introduced).error();
    relay->Close();
  }
}

}  // namespace

Result<UniqueFd> BeginMariadbTls(TlsRelayPtr relay,
                                 TlsRefusal refusal,
                                 aio::TaskScope& relays,
                                 Deadline deadline) {
  auto engine = relay->MakeEngineEnd();
  if (engine) {
    relays.Spawn(Serve(std::move(relay), std::move(refusal), relays, deadline));
  }
  return engine;
}

}  // namespace paddock::sqlrunner
