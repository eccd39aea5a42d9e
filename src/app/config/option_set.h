// OptionSet: all options of Paddock, declared once each, and the values that they are given.
//
// Filled by app/settings, which declares the fields; the readers (flags.h, environment.h,
// config_file.h) ask it which names there are and hand over what they have found; listing.h prints
// it. Every source goes through the same checks.
//
// Threading: at start, before any other thread exists. Ownership: fields outlive the set. An Option
// stays where it is, so that the reference from a declaration may be kept.
#pragma once

#include <concepts>
#include <deque>
#include <filesystem>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "app/config/option.h"
#include "base/result.h"

namespace paddock::app::config {

/// One name and its value as a source has it.
struct Setting {
  std::string name;
  Texts texts;
  std::string origin;
};

/// A number with its default and its bounds, both included.
template <class Number>
struct Bounded {
  Number initial;
  Number min;
  Number max;
};

class OptionSet {
 public:
  /// Values of options that are only for another process than `process` are left alone.
  explicit OptionSet(Process process) : process_(process) {}
  OptionSet(const OptionSet&) = delete;
  OptionSet& operator=(const OptionSet&) = delete;
  OptionSet(OptionSet&&) = delete;
  OptionSet& operator=(OptionSet&&) = delete;
  ~OptionSet() = default;

  /// The heading, and the process, of the options that are declared from now on.
  void Begin(std::string group, Process process);

  /// Each declares one; the field's value at this time is the default. The result takes
  /// refinements.
  Option& Text(std::string name, std::string& field, std::string meaning);
  Option& Path(std::string name, std::filesystem::path& field, std::string meaning);
  Option& List(std::string name, Texts& field, std::string meaning);
  Option& Switch(std::string name, bool& field, std::string meaning);
  Option& Number(std::string name,
                 Bounded<double> bounds,
                 std::function<void(double)> store,
                 std::string meaning);
  Option& Integer(std::string name,
                  Bounded<std::int64_t> bounds,
                  std::function<void(std::int64_t)> store,
                  std::string meaning);
  template <std::integral Field>
  Option& Integer(
      std::string name, Field& field, std::int64_t min, std::int64_t max, std::string meaning) {
    return Integer(
        std::move(name), {.initial = static_cast<std::int64_t>(field), .min = min, .max = max},
        [&field](std::int64_t number) { field = static_cast<Field>(number); }, std::move(meaning));
  }
  /// Declares NAME and NAME-file, of which one may be given: a secret has no place in a command
  /// line.
  Option& Secret(std::string name, std::string& field, Secrecy secrecy, std::string meaning);

  /// Takes over what one source has; call in the order of Source. Adds to `errors`, one line each.
  void Take(Source source, const std::vector<Setting>& settings, std::vector<std::string>& errors);

  [[nodiscard]] const Option* Find(std::string_view name) const;
  /// False too for one that is only in a file or a variable, and is for another process.
  [[nodiscard]] bool IsGiven(std::string_view name) const;
  /// ": did you mean 'listen'?", or nothing when no name is near.
  [[nodiscard]] std::string Suggestion(std::string_view name) const;
  [[nodiscard]] const std::deque<Option>& options() const noexcept { return options_; }
  [[nodiscard]] Process process() const noexcept { return process_; }
  [[nodiscard]] bool IsForUs(const Option& option) const noexcept;

 private:
  Option& Declare(std::string name, Kind kind, std::string form, std::string meaning);
  template <class Field>
  Option& DeclareText(std::string name, Field& field, std::string form, std::string meaning);
  Option* FindMutable(std::string_view name);
  [[nodiscard]] Result<void> TakeOne(Option& option, Source source, const Setting& setting);

  Process process_;
  Process declared_process_ = Process::kAll;
  std::string group_;
  std::deque<Option> options_;
};

}  // namespace paddock::app::config
