// FailureLog: says once that the server is lost, however many connections notice it, and how often.
//
// What keeps it from answering later on is in the database's state.
//
// Used by the pipelines to one server. Threading: loop thread only.
#pragma once

#include <string>

namespace paddock::stores::postgres {

class FailureLog {
 public:
  /// A connection was lost, or could not be made.
  void Failed(const std::string& reason);
  /// A connection was made.
  void Answered();

 private:
  bool is_lost_ = false;
};

}  // namespace paddock::stores::postgres
