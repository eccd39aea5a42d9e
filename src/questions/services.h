// Services: the question bank and all that is done with it, made once over one store and runner.
//
// Made by app/ and handed to the gateway's routes. Threading: loop thread only. Ownership: what it
// refers to outlives it.
#pragma once

#include <chrono>
#include <string>
#include <utility>

#include "challenges/runner.h"
#include "identity/audit_log.h"
#include "questions/attempts.h"
#include "questions/authoring.h"
#include "questions/bank.h"
#include "questions/grading.h"
#include "store/database.h"

namespace paddock::questions {

struct Services {
  Services(store::Database& store,
           const std::string& name_space,
           challenges::Runner& challenge_runner,
           identity::AuditLog& audit,
           Attempts::Clock clock = &std::chrono::system_clock::now)
      : runner(challenge_runner),
        bank(store, name_space),
        grader(runner),
        authoring(store, name_space, bank, runner, grader, audit),
        attempts(store, name_space, grader, audit, std::move(clock)) {}
  Services(const Services&) = delete;
  Services& operator=(const Services&) = delete;

  challenges::Runner& runner;
  Bank bank;
  Grader grader;
  Authoring authoring;
  Attempts attempts;
};

}  // namespace paddock::questions
