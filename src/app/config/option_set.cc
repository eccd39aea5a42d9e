#include "app/config/option_set.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "app/config/private_file.h"
#include "app/config/values.h"
#include "base/check.h"

namespace paddock::app::config {
namespace {

constexpr std::size_t kNameBytesMax = 64;  // longer ones resemble nothing

/// How many letters must be added, removed or changed to make `from` into `to`.
std::size_t EditDistance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j) {
    row[j] = j;
  }
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < to.size(); ++j) {
      const std::size_t changed = diagonal + (from[i] == to[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

Result<void> CheckOne(const Option& option, std::string_view text) {
  auto checked = CheckText(text);
  // What has no default may be set to nothing, which takes back what the file says.
  if (checked && text.empty() && !option.initial.empty()) {
    return Fail(Code::kInvalid, "must not be empty");
  }
  if (checked && option.check && !text.empty()) {
    return option.check(text);
  }
  return checked;
}

Result<void> CheckTexts(const Option& option, const Texts& texts) {
  for (const std::string& text : texts) {
    auto checked = CheckOne(option, text);
    if (!checked) {
      return checked;
    }
  }
  return {};
}

Texts InitialOf(std::string text) { return text.empty() ? Texts() : Texts{std::move(text)}; }

/// Parses the one text and stores what it says.
template <class Value>
std::function<Result<void>(const Texts&)> Assignment(
    std::function<Result<Value>(std::string_view)> parse, std::function<void(Value)> store) {
  return
      [parsing = std::move(parse), storing = std::move(store)](const Texts& texts) -> Result<void> {
        auto parsed = parsing(texts.front());
        if (!parsed) {
          return Fail(std::move(parsed).error());
        }
        storing(*parsed);
        return {};
      };
}

}  // namespace

Option& OptionSet::Declare(std::string name, Kind kind, std::string form, std::string meaning) {
  PADDOCK_CHECK(Find(name) == nullptr);
  Option& option = options_.emplace_back();
  option.name = std::move(name);
  option.kind = kind;
  option.form = std::move(form);
  option.meaning = std::move(meaning);
  option.group = group_;
  option.process = declared_process_;
  return option;
}

void OptionSet::Begin(std::string group, Process process) {
  group_ = std::move(group);
  declared_process_ = process;
}

template <class Field>
Option& OptionSet::DeclareText(std::string name,
                               Field& field,
                               std::string form,
                               std::string meaning) {
  Option& option = Declare(std::move(name), Kind::kText, std::move(form), std::move(meaning));
  option.initial = InitialOf(std::string(field));
  option.assign = [&option, &field](const Texts& texts) {
    auto checked = CheckTexts(option, texts);
    if (checked) {
      field = texts.front();
    }
    return checked;
  };
  return option;
}

Option& OptionSet::Text(std::string name, std::string& field, std::string meaning) {
  return DeclareText(std::move(name), field, "TEXT", std::move(meaning));
}

Option& OptionSet::Path(std::string name, std::filesystem::path& field, std::string meaning) {
  return DeclareText(std::move(name), field, "PATH", std::move(meaning));
}

Option& OptionSet::List(std::string name, Texts& field, std::string meaning) {
  Option& option = Declare(std::move(name), Kind::kList, "TEXT,TEXT", std::move(meaning));
  option.initial = field;
  option.assign = [&option, &field](const Texts& texts) -> Result<void> {
    if (texts.size() > kListItemsMax) {
      return Fail(Code::kInvalid, fmt::format("must not have more than {} items", kListItemsMax));
    }
    auto checked = CheckTexts(option, texts);
    if (checked) {
      field = texts;
    }
    return checked;
  };
  return option;
}

Option& OptionSet::Switch(std::string name, bool& field, std::string meaning) {
  Option& option = Declare(std::move(name), Kind::kSwitch, "on|off", std::move(meaning));
  option.initial = {field ? "on" : "off"};
  option.assign = Assignment<bool>(ParseSwitch, [&field](bool value) { field = value; });
  return option;
}

Option& OptionSet::Number(std::string name,
                          Bounded<double> bounds,
                          std::function<void(double)> store,
                          std::string meaning) {
  Option& option = Declare(std::move(name), Kind::kNumber, "NUMBER", std::move(meaning));
  option.initial = {fmt::format("{}", bounds.initial)};
  option.assign = Assignment<double>(
      [bounds](std::string_view text) { return ParseNumber(text, bounds.min, bounds.max); },
      std::move(store));
  return option;
}

Option& OptionSet::Integer(std::string name,
                           Bounded<std::int64_t> bounds,
                           std::function<void(std::int64_t)> store,
                           std::string meaning) {
  Option& option = Declare(std::move(name), Kind::kInteger,
                           fmt::format("{}..{}", bounds.min, bounds.max), std::move(meaning));
  option.initial = {fmt::format("{}", bounds.initial)};
  option.assign = Assignment<std::int64_t>(
      [bounds](std::string_view text) { return ParseInteger(text, bounds.min, bounds.max); },
      std::move(store));
  return option;
}

Option& OptionSet::Secret(std::string name,
                          std::string& field,
                          Secrecy secrecy,
                          std::string meaning) {
  Option& secret = Text(name, field, std::move(meaning));
  secret.secrecy = secrecy;
  Option& file = Declare(name + "-file", Kind::kText, "FILE",
                         fmt::format("the file with {}, which others may not read", name));
  file.secret_name = std::move(name);
  file.read_by_server = true;
  file.example = "/etc/paddock/" + file.secret_name;
  file.assign = [&secret](const Texts& texts) -> Result<void> {
    auto content = ReadSecretFile(texts.front());
    if (!content) {
      return Fail(std::move(content).error());
    }
    Texts value{*std::move(content)};
    auto assigned = secret.assign(value);
    if (assigned) {
      secret.value = std::move(value);
    }
    return assigned;
  };
  return secret;
}

Result<void> OptionSet::TakeOne(Option& option, Source source, const Setting& setting) {
  if (setting.texts.empty() && option.kind != Kind::kList) {
    return Fail(Code::kInvalid, "needs a value");
  }
  // Before the check: who is told that it is wrong is not told that it is missing, too.
  Option& named = option.secret_name.empty() ? option : *FindMutable(option.secret_name);
  if (&named != &option && named.source == source) {
    return Fail(Code::kInvalid, fmt::format("{} is given too: leave one of them out", named.name));
  }
  option.source = source;
  option.origin = setting.origin;
  auto assigned = option.assign(setting.texts);
  if (assigned) {
    option.value = setting.texts;
  }
  if (&named != &option) {
    named.source = source;
    named.origin = fmt::format("{} ({})", option.name, option.origin);
  }
  return assigned;
}

void OptionSet::Take(Source source,
                     const std::vector<Setting>& settings,
                     std::vector<std::string>& errors) {
  // In the order of declaration, so that a secret comes before its file.
  for (Option& option : options_) {
    const auto setting = std::ranges::find(settings, option.name, &Setting::name);
    if (setting == settings.end() || !IsForUs(option)) {
      continue;
    }
    auto taken = TakeOne(option, source, *setting);
    if (!taken) {
      const std::string& message = taken.error().message;
      errors.push_back(source == Source::kFile
                           ? fmt::format("{}: {}: {}", setting->origin, option.name, message)
                           : fmt::format("{}: {}", setting->origin, message));
    }
  }
}

bool OptionSet::IsForUs(const Option& option) const noexcept {
  return Overlap(process_, option.process);
}

const Option* OptionSet::Find(std::string_view name) const {
  const auto found = std::ranges::find(options_, name, &Option::name);
  return found == options_.end() ? nullptr : &*found;
}

Option* OptionSet::FindMutable(std::string_view name) {
  const auto found = std::ranges::find(options_, name, &Option::name);
  return found == options_.end() ? nullptr : &*found;
}

bool OptionSet::IsGiven(std::string_view name) const {
  const Option* option = Find(name);
  return option != nullptr && option->source != Source::kDefault;
}

std::string OptionSet::Suggestion(std::string_view name) const {
  if (name.size() > kNameBytesMax) {
    return "";
  }
  const Option* nearest = nullptr;
  std::size_t least = std::max<std::size_t>(name.size() / 3, 2) + 1;
  for (const Option& option : options_) {
    const auto distance = EditDistance(name, option.name);
    if (distance < least) {
      least = distance;
      nearest = &option;
    }
  }
  return nearest == nullptr ? "" : fmt::format(": did you mean '{}'?", nearest->name);
}

}  // namespace paddock::app::config
