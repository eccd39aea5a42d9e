#include "identity/common_passwords.h"

#include <algorithm>
#include <array>

namespace paddock::identity {
namespace {

/// In whole, or with digits and marks after them.
constexpr auto kCommon = std::to_array<std::string_view>({
    "password",
    "passw0rd",
    "passwort",
    "passwordpassword",
    "mypassword",
    "qwerty",
    "qwertyuiop",
    "qwertyqwerty",
    "qwertyuiopasdfghjkl",
    "asdfghjkl",
    "asdfasdf",
    "zxcvbnm",
    "1q2w3e4r",
    "1q2w3e4r5t",
    "1qaz2wsx",
    "1qaz2wsx3edc",
    "q1w2e3r4t5",
    "qazwsx",
    "qazwsxedc",
    "iloveyou",
    "iloveyouforever",
    "letmein",
    "letmeinnow",
    "welcome",
    "welcomeback",
    "administrator",
    "admin",
    "adminadmin",
    "root",
    "rootroot",
    "changeme",
    "changemenow",
    "default",
    "secret",
    "topsecret",
    "trustno",
    "football",
    "baseball",
    "basketball",
    "superman",
    "batman",
    "starwars",
    "princess",
    "sunshine",
    "dragon",
    "monkey",
    "master",
    "shadow",
    "michael",
    "jennifer",
    "computer",
    "internet",
    "samsung",
    "whatever",
    "abcdefghij",
    "abcdefghijk",
    "abcdefgh",
    "abcd",
    "abc",
    "test",
    "testtest",
    "testing",
    "guest",
    "student",
    "teacher",
    "learner",
    "paddock",
    "paddockpaddock",
    "woaini",
    "wangyut",
    "google",
    "facebook",
    "liverpool",
    "chocolate",
    "blink",
    "correcthorsebatterystaple",
});
constexpr std::string_view kDigitsUp = "01234567890123456789";
constexpr std::string_view kDigitsDown = "98765432109876543210";

}  // namespace

bool IsCommonPassword(std::string_view lower) {
  if (kDigitsUp.contains(lower) || kDigitsDown.contains(lower)) {
    return true;
  }
  const auto end = lower.find_last_not_of("0123456789!.?*#@$-_");
  const auto stem = end == std::string_view::npos ? std::string_view() : lower.substr(0, end + 1);
  return std::ranges::find(kCommon, lower) != kCommon.end() ||
         std::ranges::find(kCommon, stem) != kCommon.end();
}

}  // namespace paddock::identity
