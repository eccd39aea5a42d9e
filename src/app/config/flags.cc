#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "app/config/sources.h"
#include "app/config/values.h"

namespace paddock::app::config {
namespace {

/// One pass over the words of a command line.
class FlagReader {
 public:
  FlagReader(const OptionSet& set, std::span<const std::string> words) : set_(set), words_(words) {}

  Reading Read() {
    while (next_ < words_.size()) {
      const std::string_view word = words_[next_++];
      if (word == "--help" || word == "-h") {
        reading_.wants_help = true;
      } else if (word.starts_with("--")) {
        ReadFlag(word.substr(2));
      } else {
        reading_.errors.push_back(fmt::format("'{}' is not expected here", Printable(word)));
      }
    }
    return std::move(reading_);
  }

 private:
  void ReadFlag(std::string_view word) {
    const auto equals = word.find('=');
    const auto name = word.substr(0, equals);
    const Option* option = set_.Find(name);
    if (option == nullptr || !set_.IsForUs(*option)) {
      Refuse(name, option);
    } else if (equals != std::string_view::npos) {
      Add(*option, word.substr(equals + 1));
      return;
    } else if (option->kind == Kind::kSwitch && !NextIsSwitchValue()) {
      Add(*option, "on");
      return;
    } else if (next_ == words_.size() || words_[next_].starts_with("--")) {
      reading_.errors.push_back(fmt::format("--{}: needs a value, {}", name, option->form));
    } else {
      Add(*option, words_[next_++]);
      return;
    }
    SkipValueOfRefused(option, equals != std::string_view::npos);
  }

  /// The value of a flag that is refused would be a second error that says nothing.
  void SkipValueOfRefused(const Option* option, bool has_value) {
    const bool may_have_one = option == nullptr || option->kind != Kind::kSwitch;
    if (!has_value && may_have_one && next_ < words_.size() && !words_[next_].starts_with("--")) {
      ++next_;
    }
  }

  void Refuse(std::string_view name, const Option* option) {
    if (option == nullptr) {
      reading_.errors.push_back(
          fmt::format("--{}: there is no such option{}", Printable(name), set_.Suggestion(name)));
    } else {
      reading_.errors.push_back(
          fmt::format("--{}: is an option of `paddock {}`", name, VerbOf(option->process)));
    }
  }

  [[nodiscard]] bool NextIsSwitchValue() const {
    return next_ < words_.size() && ParseSwitch(words_[next_]).has_value();
  }

  void Add(const Option& option, std::string_view value) {
    const auto given = std::ranges::find(reading_.settings, option.name, &Setting::name);
    const bool is_list = option.kind == Kind::kList;
    Texts texts = is_list ? SplitList(value) : Texts{std::string(value)};
    if (given == reading_.settings.end()) {
      reading_.settings.push_back(
          {.name = option.name, .texts = std::move(texts), .origin = "--" + option.name});
    } else if (is_list) {
      given->texts.insert(given->texts.end(), texts.begin(), texts.end());
    } else {
      reading_.errors.push_back(fmt::format("--{}: is given twice", option.name));
    }
  }

  const OptionSet& set_;
  std::span<const std::string> words_;
  std::size_t next_ = 0;
  Reading reading_;
};

}  // namespace

Reading ReadFlags(const OptionSet& set, std::span<const std::string> arguments) {
  return FlagReader(set, arguments).Read();
}

}  // namespace paddock::app::config
