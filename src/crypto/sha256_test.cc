#include "crypto/sha256.h"

#include <gtest/gtest.h>

namespace paddock::crypto {
namespace {

TEST(Sha256, IsOfAllPieces) {
  Sha256 pieces;
  pieces.Add("a");
  pieces.Add("bc");
  const std::string expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  EXPECT_EQ(pieces.Finish(), expected);
  EXPECT_EQ(Sha256Of("abc"), expected);
}

}  // namespace
}  // namespace paddock::crypto
