#include "app/questions_command.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "aio/task_scope.h"
#include "app/challenge_runners.h"
#include "app/open_store.h"
#include "app/question_client.h"
#include "app/settings.h"
#include "app/store_questions.h"
#include "oidc/curl/curl_client.h"
#include "questions/seed.h"
#include "questions/sources.h"
#include "store/migrations.h"

namespace paddock::app {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kOpenTimeMax{30};
constexpr std::chrono::hours kMigrateTimeMax{1};

/// Of `paddock serve`, as they were given; empty: from the environment, the configuration or a
/// default.
struct StoreFlags {
  std::string url;
  std::string url_file;
  std::string data_dir;
  std::string name_space;
  std::string config;
};

struct Options {
  std::vector<std::string> paths;
  std::vector<std::string> seeds;  // files of Database Playground
  bool offline = false;
  StoreFlags store;
  std::string server = "http://127.0.0.1:3006";
  std::string token_file;
  std::string ca_file;
};

int Report(const Error& error) {
  fmt::print(stderr, "paddock questions: {}\n", error.message);
  return 1;
}

/// The files of `path`: a folder, or one question with what lies beside it.
Result<std::vector<questions::SourceFile>> FilesOf(const std::string& path) {
  std::error_code failure;
  if (fs::is_directory(path, failure)) {
    return questions::ReadFolder(path);
  }
  if (!fs::exists(path, failure)) {
    return Fail(Code::kNotFound, fmt::format("there is no {}", path));
  }
  const fs::path file = fs::absolute(path, failure);
  auto files = questions::ReadFolder(file.parent_path());
  if (files) {
    std::erase_if(*files, [&](const questions::SourceFile& other) {
      const fs::path beside(other.path);
      return beside.extension() == ".yaml" && beside.filename() != "schema.yaml" && beside != file;
    });
  }
  return files;
}

Result<questions::Sources> ReadSeed(const std::vector<std::string>& paths) {
  std::vector<questions::SourceFile> files;
  for (const std::string& path : paths) {
    auto text = questions::ReadSourceFile(path);
    if (!text) {
      return Fail(std::move(text).error());
    }
    files.push_back({.path = path, .text = *std::move(text)});
  }
  return questions::ParseSeed(files);
}

Result<questions::Sources> ReadAll(const Options& options) {
  if (!options.seeds.empty()) {
    return ReadSeed(options.seeds);
  }
  std::vector<questions::SourceFile> all;
  for (const std::string& path : options.paths) {
    auto files = FilesOf(path);
    if (!files) {
      return Fail(std::move(files).error());
    }
    std::ranges::move(*files, std::back_inserter(all));
  }
  return questions::ReadSources(all);
}

/// The first line of a file that only its owner should be able to read.
Result<std::string> ReadToken(const std::string& file) {
  if (file.empty()) {
    return Fail(Code::kInvalid,
                "--token-file FILE is missing: make a token with manage:class and read:question "
                "under Account, and put it into a file");
  }
  auto text = questions::ReadSourceFile(file);
  if (text) {
    text->resize(std::min(text->find_first_of(" \r\n"), text->size()));
  }
  return text;
}

int Check(const Options& options) {
  const auto sources = ReadAll(options);
  if (!sources) {
    return Report(sources.error());
  }
  for (const std::string& problem : sources->problems) {
    fmt::print(stderr, "{}\n", problem);
  }
  fmt::print("{} schemas and {} questions read, {} problems\n", sources->schemas.size(),
             sources->questions.size(), sources->problems.size());
  return sources->problems.empty() && !sources->schemas.empty() ? 0 : 1;
}

struct ImportCount {
  int added = 0;
  int changed = 0;
  int unchanged = 0;
  int refused = 0;
};

void Note(const std::string& file, const Result<PutOutcome>& outcome, ImportCount& count) {
  if (!outcome) {
    fmt::print(stderr, "{}: refused: {}\n", file, outcome.error().message);
    ++count.refused;
    return;
  }
  switch (*outcome) {
    case PutOutcome::kAdded: ++count.added; return;
    case PutOutcome::kChanged: ++count.changed; return;
    case PutOutcome::kUnchanged: ++count.unchanged; return;
  }
}

// What it refers to outlives the task.
aio::Task<void> ImportAll(QuestionTarget& target, questions::Sources sources, ImportCount& count) {
  for (const std::string& problem : sources.problems) {
    fmt::print(stderr, "{}\n", problem);
    ++count.refused;
  }
  for (questions::SourceSchema& schema : sources.schemas) {
    const std::string file = schema.file;
    auto put = co_await target.PutSchema(std::move(schema));
    Note(file, put, count);
  }
  for (questions::SourceQuestion& question : sources.questions) {
    const std::string file = question.file;
    auto put = co_await target.PutQuestion(std::move(question));
    Note(file, put, count);
  }
}

// The same.
aio::Task<void> ListAll(QuestionClient& client, Result<void>& outcome) {
  auto listed = co_await client.List("");
  if (!listed) {
    outcome = Fail(std::move(listed).error());
    co_return;
  }
  for (const ListedQuestion& question : *listed) {
    fmt::print("{:>6}  {:<8} {:<16} {:<32} {}\n", question.number, question.difficulty,
               question.schema, question.slug, question.title);
  }
}

int Report(const ImportCount& count) {
  fmt::print("{} added, {} changed, {} unchanged, {} refused\n", count.added, count.changed,
             count.unchanged, count.refused);
  return count.refused == 0 ? 0 : 1;
}

/// Where the store is, and what runs its questions.
struct Place {
  StoreAddress address;
  std::string name_space;
  ChallengeServers challenges;
};

/// As for `paddock serve`. Fails with kInvalid.
Result<Place> PlaceOf(const StoreFlags& flags) {
  std::vector<std::string> words;
  for (const auto& [name, value] :
       {std::pair{"--store", &flags.url}, std::pair{"--store-file", &flags.url_file},
        std::pair{"--data-dir", &flags.data_dir}, std::pair{"--namespace", &flags.name_space},
        std::pair{"--config", &flags.config}}) {
    if (!value->empty()) {
      words.insert(words.end(), {name, *value});
    }
  }
  Settings settings(config::Process::kAll);
  settings.Read(words, ProcessEnvironment());
  if (!settings.report().errors.empty()) {
    return Fail(Code::kInvalid, fmt::format("{}", fmt::join(settings.report().errors, "\n")));
  }
  const ServeOptions& serve = settings.serve();
  return Place{.address = {.url = serve.store, .data_dir = serve.data_dir},
               .name_space = serve.store_namespace,
               .challenges = serve.challenges};
}

// The same.
aio::Task<void> ImportInto(Place place,
                           questions::Sources sources,
                           ChallengeRunners& runners,
                           Result<ImportCount>& outcome) {
  auto opened = co_await OpenStore(std::move(place.address), Deadline::After(kOpenTimeMax));
  if (!opened) {
    outcome = Fail(std::move(opened).error());
    co_return;
  }
  store::Database& database = **opened;
  auto migrated = co_await database.Migrate(store::Migrations(), Deadline::After(kMigrateTimeMax));
  if (migrated) {
    co_await runners.Start();
    StoreQuestions target(database, place.name_space, runners.runner());
    co_await ImportAll(target, std::move(sources), *outcome);
    co_await runners.Stop();
  } else {
    outcome = Fail(std::move(migrated).error());
  }
  co_await database.Close(Deadline::After(kOpenTimeMax));
}

int ImportOffline(const Options& options, questions::Sources sources) {
  auto place = PlaceOf(options.store);
  if (!place) {
    return Report(place.error());
  }
  Result<ImportCount> outcome;
  boost::asio::io_context loop(1);
  {
    ChallengeRunners runners(loop.get_executor(), place->challenges);
    aio::TaskScope scope(loop.get_executor());
    scope.Spawn(ImportInto(*std::move(place), std::move(sources), runners, outcome));
    loop.run();
  }
  return outcome ? Report(*outcome) : Report(outcome.error());
}

int Import(const Options& options) {
  auto sources = ReadAll(options);
  if (!sources) {
    return Report(sources.error());
  }
  if (options.offline) {
    return ImportOffline(options, *std::move(sources));
  }
  auto token = ReadToken(options.token_file);
  if (!token) {
    return Report(token.error());
  }
  oidc::CurlClient http(options.ca_file);
  QuestionClient client(http, options.server, *std::move(token));
  ImportCount count;
  boost::asio::io_context loop(1);
  {
    aio::TaskScope scope(loop.get_executor());
    scope.Spawn(ImportAll(client, *std::move(sources), count));
    loop.run();
  }
  return Report(count);
}

int List(const Options& options) {
  auto token = ReadToken(options.token_file);
  if (!token) {
    return Report(token.error());
  }
  oidc::CurlClient http(options.ca_file);
  QuestionClient client(http, options.server, *std::move(token));
  Result<void> outcome;
  boost::asio::io_context loop(1);
  {
    aio::TaskScope scope(loop.get_executor());
    scope.Spawn(ListAll(client, outcome));
    loop.run();
  }
  return outcome ? 0 : Report(outcome.error());
}

void AddServer(CLI::App& command, Options& options) {
  command.add_option("--server", options.server, "The server's address: https, or its own host");
  command.add_option("--token-file", options.token_file,
                     "A file with a token of a teacher or an admin");
  command.add_option("--ca-file", options.ca_file, "The authority of the server's certificate");
}

void AddStore(CLI::App& command, Options& options) {
  auto* offline = command.add_flag("--offline", options.offline,
                                   "Put them into the store itself, which no server uses");
  StoreFlags& store = options.store;
  const auto add = [&](const char* name, std::string& value, const char* meaning) {
    command.add_option(name, value, meaning)->needs(offline);
  };
  add("--store", store.url, "With --offline, as of `paddock serve`: the store's URL");
  add("--store-file", store.url_file, "The same: a file with that URL");
  add("--data-dir", store.data_dir, "The same: where the store is when there is no URL");
  add("--namespace", store.name_space, "The same: which Paddock in a store of several");
  add("--config", store.config, "The same: the configuration");
}

}  // namespace

int QuestionsCommand(std::span<char*> arguments) {
  Options options;
  CLI::App app("The questions of a server", "paddock questions");
  app.require_subcommand(1);
  CLI::App* list = app.add_subcommand("list", "Show the questions of a running server");
  AddServer(*list, options);
  CLI::App* check = app.add_subcommand("check", "Say what is wrong with files of questions");
  CLI::App* import = app.add_subcommand(
      "import", "Put files of questions into a running server, which validates each");
  AddServer(*import, options);
  AddStore(*import, options);
  for (CLI::App* command : {check, import}) {
    auto* paths = command->add_option("PATH", options.paths, "Folders, or files of questions");
    auto* seed = command->add_option("--database-playground", options.seeds,
                                     "Seed files of Database Playground instead, in order");
    paths->excludes(seed);
  }
  try {
    app.parse(static_cast<int>(arguments.size()), arguments.data());
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (*list) {
    return List(options);
  }
  if (options.paths.empty() && options.seeds.empty()) {
    fmt::print(stderr, "paddock questions: name a folder, files, or --database-playground FILE\n");
    return 2;
  }
  return *check ? Check(options) : Import(options);
}

}  // namespace paddock::app
