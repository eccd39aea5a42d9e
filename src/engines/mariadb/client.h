// Client: a connection of libmariadb on the loop, one step at a time.
//
// A step is begun, and then finished by as many waits as it needs; when one of them is given up, at
// a deadline, Finish may be called again: the step is still under way. Used by Exchange, and for
// cancelling. Threading: loop thread. Ownership: closes the connection; nothing may wait on it.
#pragma once

#include <mysql.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "sql/engine.h"

namespace paddock::engines::mariadb {

class Client {
 public:
  /// Fails as Engine::Open. `directory` is for the socket that it connects by.
  [[nodiscard]] static aio::Task<Result<std::unique_ptr<Client>>> Connect(
      boost::asio::any_io_executor executor,
      sql::OpenSpec spec,
      UniqueFd dialled,
      std::filesystem::path directory,
      Deadline deadline);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client();

  /// Each begins a step; none may be under way.
  void BeginQuery(std::string sql);
  void BeginRow();
  void BeginNextResult();
  /// Completes when the step has ended, well or not: see error_number. Fails with kDeadlineExceeded
  /// or kCancelled, and the step goes on.
  [[nodiscard]] aio::Task<Result<void>> Finish(Deadline deadline);

  [[nodiscard]] bool is_waiting() const noexcept { return waits_for_ != 0; }

  /// After a query or the next result: takes its rows, if it has any.
  [[nodiscard]] bool TakeResult();
  void DropResult();
  [[nodiscard]] MYSQL_RES* result() const noexcept { return result_; }
  /// After BeginRow: the row, or nothing at the end and after an error.
  [[nodiscard]] MYSQL_ROW row() const noexcept { return row_; }
  [[nodiscard]] bool has_more_results() const { return mysql_more_results(handle_) != 0; }

  [[nodiscard]] unsigned error_number() const { return is_closed_ ? kLost : mysql_errno(handle_); }
  /// The connection is of no use after this error.
  [[nodiscard]] bool is_lost() const;
  [[nodiscard]] MYSQL* handle() const noexcept { return handle_; }
  [[nodiscard]] bool is_open() const noexcept { return !is_closed_; }
  void Close();

 private:
  static constexpr unsigned kLost = 2013;

  explicit Client(const boost::asio::any_io_executor& executor) : socket_(executor) {}
  [[nodiscard]] bool SetOptions(const sql::OpenSpec& spec);
  [[nodiscard]] Result<void> BeginConnect(const sql::OpenSpec& spec,
                                          UniqueFd dialled,
                                          const std::filesystem::path& directory);
  void Begin(int waits_for, std::function<int(int)> go_on);

  MYSQL* handle_ = nullptr;
  MYSQL* connected_ = nullptr;  // what the library's connect returns: null when it failed
  MYSQL_RES* result_ = nullptr;
  MYSQL_ROW row_ = nullptr;
  int failed_ = 0;
  int waits_for_ = 0;  // MYSQL_WAIT_*; nothing: no step is under way
  std::function<int(int)> go_on_;
  std::string sql_;                               // the library refers to it
  boost::asio::posix::stream_descriptor socket_;  // the library's own; never closed by this
  bool is_closed_ = true;
};

/// What the last error of a connection is to whoever wanted to open one.
[[nodiscard]] Error OpenFailure(unsigned number, std::string_view message);

}  // namespace paddock::engines::mariadb
