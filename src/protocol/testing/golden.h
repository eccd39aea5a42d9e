// Golden: reads tests/golden/*.txt, whose first comment describes the format.
#pragma once

#include <cstdlib>
#include <fstream>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace paddock::protocol::testing {

struct Golden {
  std::string name;
  std::string from;
  std::string bytes;
  bool refused = false;
  std::string fields;  // the `name = JSON` lines, each with its newline
  friend void PrintTo(const Golden& golden, std::ostream* out) { *out << golden.name; }
};

[[nodiscard]] inline std::string FromHex(std::string_view hex) {
  std::string digits;
  for (const char digit : hex) {
    if (digit != ' ') {
      digits += digit;
    }
  }
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

[[nodiscard]] inline std::string ToHex(std::string_view bytes) {
  std::string hex;
  for (const char byte : bytes) {
    hex += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  }
  return hex;
}

/// The blocks that begin with `kind`. Empty when the file cannot be read: tests check for that.
[[nodiscard]] inline std::vector<Golden> ReadGolden(const std::string& path,
                                                    std::string_view kind) {
  std::ifstream file(path);
  std::vector<Golden> blocks;
  for (std::string line; std::getline(file, line);) {
    const auto space = line.find(' ');
    const auto word = line.substr(0, space);
    const auto rest = space == std::string::npos ? std::string() : line.substr(space + 1);
    if (word == kind) {
      blocks.emplace_back().name = rest;
    } else if (blocks.empty() || line.empty() || word == "meaning") {
      continue;
    } else if (word == "from") {
      blocks.back().from = rest;
    } else if (word == "hex") {
      blocks.back().bytes += FromHex(rest);
    } else if (word == "refused") {
      blocks.back().refused = true;
    } else {
      blocks.back().fields += line + "\n";
    }
  }
  return blocks;
}

}  // namespace paddock::protocol::testing
