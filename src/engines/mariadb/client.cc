#include "engines/mariadb/client.h"

#include <mysqld_error.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "engines/door/door.h"
#include "engines/door/waiting.h"

namespace paddock::engines::mariadb {
namespace {

constexpr std::size_t kPacketBytesMax = std::size_t{32} * 1024 * 1024;
constexpr std::size_t kSettingSizeMax = 1024;  // of a name or a password
// Without those that would ask at a terminal, or send the password as it is.
constexpr const char* kAuthentications = "mysql_native_password,client_ed25519";
// What the library says by itself; a server's numbers are outside.
constexpr unsigned kClientErrorsBegin = 2000;
constexpr unsigned kClientErrorsEnd = 3000;
constexpr unsigned kLibraryErrorsBegin = 5000;
constexpr unsigned kLibraryErrorsEnd = 6000;
// After these a server hangs up.
constexpr std::array<unsigned, 4> kLastWords{ER_SERVER_SHUTDOWN, ER_CONNECTION_KILLED,
                                             ER_FORCING_CLOSE, ER_NET_PACKET_TOO_LARGE};

bool IsFit(const sql::OpenSpec& spec) {
  return std::ranges::all_of(
      std::array{&spec.database, &spec.user, &spec.password, &spec.application_name},
      [](const std::string* text) {
        return text->size() <= kSettingSizeMax && text->find('\0') == std::string::npos;
      });
}

bool IsLibrarys(unsigned number) {
  return (number >= kClientErrorsBegin && number < kClientErrorsEnd) ||
         (number >= kLibraryErrorsBegin && number < kLibraryErrorsEnd);
}

}  // namespace

Error OpenFailure(unsigned number, std::string_view message) {
  Code code = Code::kUnavailable;
  if (number == ER_BAD_DB_ERROR) {
    code = Code::kNotFound;
  } else if (number == ER_ACCESS_DENIED_ERROR || number == ER_DBACCESS_DENIED_ERROR ||
             number == ER_ACCESS_DENIED_NO_PASSWORD_ERROR) {
    code = Code::kDenied;
  }
  // What the library says names the private socket by which it has connected.
  return {.code = code,
          .message = IsLibrarys(number) ? "the database did not answer as MariaDB does"
                                        : std::string(message)};
}

Client::~Client() { Close(); }

// The library would read what is left of a result, and say goodbye, by blocking: so it speaks to
// nobody from now on.
void Client::Close() {
  if (handle_ == nullptr) {
    return;
  }
  if (socket_.is_open()) {
    boost::system::error_code ignored;
    socket_.cancel(ignored);
    const int socket = socket_.release();
    constexpr std::array<char, 5> kGoodbye{1, 0, 0, 0, 1};
    if (waits_for_ == 0 && result_ == nullptr) {
      send(socket, kGoodbye.data(), kGoodbye.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    auto withdrawn = Door::Withdraw(socket);  // and closed at once
    if (!withdrawn) {
      shutdown(socket, SHUT_RDWR);
    }
  }
  while (waits_for_ != 0) {
    waits_for_ = go_on_(waits_for_);  // to its end, which is near
  }
  is_closed_ = true;
  DropResult();
  mysql_close(std::exchange(handle_, nullptr));
}

bool Client::SetOptions(const sql::OpenSpec& spec) {
  const unsigned off = 0;
  const my_bool no = 0;
  const auto packet_max = kPacketBytesMax;
  return mysql_options(handle_, MYSQL_OPT_NONBLOCK, nullptr) == 0 &&
         mysql_options(handle_, MYSQL_SET_CHARSET_NAME, "utf8mb4") == 0 &&
         mysql_options(handle_, MYSQL_OPT_LOCAL_INFILE, &off) == 0 &&
         mysql_options(handle_, MYSQL_OPT_RECONNECT, &no) == 0 &&
         mysql_options(handle_, MYSQL_OPT_MAX_ALLOWED_PACKET, &packet_max) == 0 &&
         mysql_options(handle_, MARIADB_OPT_RESTRICTED_AUTH, kAuthentications) == 0 &&
         (spec.application_name.empty() ||
          mysql_options4(handle_, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name",
                         spec.application_name.c_str()) == 0);
}

Result<void> Client::BeginConnect(const sql::OpenSpec& spec,
                                  UniqueFd dialled,
                                  const std::filesystem::path& directory) {
  handle_ = mysql_init(nullptr);
  if (handle_ == nullptr || !SetOptions(spec)) {
    return Fail(Code::kUnavailable, "no memory for a connection to MariaDB");
  }
  auto door = Door::Open(directory);
  if (!door) {
    return Fail(std::move(door).error());
  }
  const std::string path = door->socket_path();
  const char* database = spec.database.empty() ? nullptr : spec.database.c_str();
  const int waits_for = mysql_real_connect_start(&connected_, handle_, "localhost",
                                                 spec.user.c_str(), spec.password.c_str(), database,
                                                 0, path.c_str(), CLIENT_MULTI_RESULTS);
  Begin(waits_for,
        [this](int ready) { return mysql_real_connect_cont(&connected_, handle_, ready); });
  const int socket = waits_for == 0 ? -1 : mysql_get_socket(handle_);
  if (socket < 0) {
    return Fail(OpenFailure(mysql_errno(handle_), mysql_error(handle_)));
  }
  auto admitted = door->Admit(socket, std::move(dialled));
  if (!admitted) {
    return Fail(std::move(admitted).error());
  }
  boost::system::error_code failure;
  socket_.assign(socket, failure);
  if (failure) {
    return Fail(Code::kExhausted, failure.message());
  }
  is_closed_ = false;
  return {};
}

aio::Task<Result<std::unique_ptr<Client>>> Client::Connect(boost::asio::any_io_executor executor,
                                                           sql::OpenSpec spec,
                                                           UniqueFd dialled,
                                                           std::filesystem::path directory,
                                                           Deadline deadline) {
  if (!IsFit(spec)) {
    co_return Fail(Code::kInvalid, "the database, user or password is too long");
  }
  std::unique_ptr<Client> client(new Client(executor));
  auto begun = client->BeginConnect(spec, std::move(dialled), directory);
  if (!begun) {
    co_return Fail(std::move(begun).error());
  }
  auto finished = co_await client->Finish(deadline);
  if (!finished) {
    co_return Fail(std::move(finished).error());
  }
  if (client->connected_ == nullptr) {
    // A library that has failed has closed its socket.
    if (client->socket_.is_open()) {
      client->socket_.release();
    }
    co_return Fail(OpenFailure(mysql_errno(client->handle_), mysql_error(client->handle_)));
  }
  co_return client;
}

void Client::Begin(int waits_for, std::function<int(int)> go_on) {
  waits_for_ = waits_for;
  go_on_ = std::move(go_on);
}

void Client::BeginQuery(std::string sql) {
  sql_ = std::move(sql);
  const int waits_for = mysql_real_query_start(&failed_, handle_, sql_.data(), sql_.size());
  Begin(waits_for, [this](int ready) { return mysql_real_query_cont(&failed_, handle_, ready); });
}

void Client::BeginRow() {
  const int waits_for = mysql_fetch_row_start(&row_, result_);
  if (waits_for != 0) {
    Begin(waits_for, [this](int ready) { return mysql_fetch_row_cont(&row_, result_, ready); });
  }
}

void Client::BeginNextResult() {
  const int waits_for = mysql_next_result_start(&failed_, handle_);
  Begin(waits_for, [this](int ready) { return mysql_next_result_cont(&failed_, handle_, ready); });
}

aio::Task<Result<void>> Client::Finish(Deadline deadline) {
  while (waits_for_ != 0) {
    const bool for_writing = (waits_for_ & MYSQL_WAIT_WRITE) != 0;
    auto ready = co_await WaitFor(socket_, for_writing ? kWritable : kReadable, deadline);
    if (!ready) {
      co_return ready;
    }
    waits_for_ = go_on_(for_writing ? MYSQL_WAIT_WRITE : MYSQL_WAIT_READ);
  }
  co_return Result<void>();
}

bool Client::TakeResult() {
  result_ = mysql_use_result(handle_);
  return result_ != nullptr;
}

void Client::DropResult() {
  row_ = nullptr;
  if (result_ != nullptr) {
    mysql_free_result(std::exchange(result_, nullptr));
  }
}

bool Client::is_lost() const {
  const unsigned number = error_number();
  return IsLibrarys(number) || std::ranges::find(kLastWords, number) != kLastWords.end();
}

}  // namespace paddock::engines::mariadb
