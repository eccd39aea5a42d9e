// matrix.txt against the API: see its own head.
#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/check.h"
#include "gateway/routes/testing/description.h"
#include "world.h"

namespace paddock::permissions {
namespace {

struct Line {
  int number = 0;
  std::string method;
  std::string path;
  std::string body;
  std::vector<std::string> columns;
  std::vector<std::string> statuses;
  bool guests = true;
};

std::vector<std::string> Words(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) {
    words.push_back(word);
  }
  return words;
}

Line ReadLine(const std::string& text) {
  const auto colon = text.rfind(" : ");
  PADDOCK_CHECK(colon != std::string::npos);
  Line line;
  std::istringstream in(text.substr(0, colon));
  in >> line.method >> line.path;
  std::getline(in >> std::ws, line.body);
  line.body.erase(line.body.find_last_not_of(' ') + 1);
  line.statuses = Words(text.substr(colon + 3));
  return line;
}

std::vector<Line> ReadMatrix() {
  std::ifstream file(PADDOCK_PERMISSIONS_MATRIX);
  std::vector<Line> lines;
  std::vector<std::string> columns;
  bool guests = true;
  int number = 0;
  for (std::string text; std::getline(file, text);) {
    ++number;
    if (text.empty() || text.starts_with('#')) {
      continue;
    }
    if (text.starts_with("columns ")) {
      columns = Words(text);
      columns.erase(columns.begin());
      continue;
    }
    if (text.starts_with("guests ")) {
      guests = text == "guests on";
      continue;
    }
    Line line = ReadLine(text);
    line.number = number;
    line.columns = columns;
    line.guests = guests;
    EXPECT_EQ(line.statuses.size(), columns.size()) << "line " << number;
    lines.push_back(std::move(line));
  }
  return lines;
}

class Matrix : public ::testing::TestWithParam<Line> {};

TEST_P(Matrix, EveryCallerGetsWhatTheLineSays) {
  const Line& line = GetParam();
  auto shared = std::make_unique<World>(line.guests);
  for (std::size_t i = 0; i < line.columns.size(); ++i) {
    if (line.statuses[i] == "-") {
      continue;
    }
    const int expected = std::stoi(line.statuses[i]);
    // Whoever is refused changes nothing, so that one world will do for all of them.
    const bool changes = expected < 400 && line.method != "GET";
    const auto own = changes ? std::make_unique<World>(line.guests) : nullptr;
    World& world = own ? *own : *shared;
    EXPECT_EQ(world.Try(line.columns[i], line.method, line.path, line.body), expected)
        << "line " << line.number << ": " << line.columns[i] << ": " << line.method << ' '
        << line.path << ' ' << line.body;
  }
}

INSTANTIATE_TEST_SUITE_P(Lines, Matrix, ::testing::ValuesIn(ReadMatrix()), [](const auto& tested) {
  return fmt::format("Line{}", tested.param.number);
});

TEST(MatrixFile, HasEveryOperationOfTheApi) {
  const auto& description = gateway::testing::Description::Get();
  std::set<std::string> covered;
  for (const Line& line : ReadMatrix()) {
    // An id stands for each {name}, so that an exact segment of another path is not taken for it.
    std::string path = line.path;
    for (auto open = path.find('{'); open != std::string::npos; open = path.find('{')) {
      path.replace(open, path.find('}') - open + 1, std::string(kIdLength, 'a'));
    }
    const auto operation = description.OperationOf(line.method, "/api/v1" + path);
    EXPECT_TRUE(operation.has_value()) << "line " << line.number << " asks for nothing";
    covered.insert(operation.value_or(""));
  }
  for (const auto& [operation, statuses] : description.operations()) {
    EXPECT_TRUE(!operation.contains(" /api/") || covered.contains(operation))
        << operation << " stands in no line";
  }
}

}  // namespace
}  // namespace paddock::permissions
