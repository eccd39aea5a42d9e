// JsonWriter: builds one JSON text front to back; it puts the commas.
//
// Used by the routes and the SQL runner. Writing an answer by hand costs a fifth of building a
// document first. Pure; any thread. Unbalanced calls are a bug of the caller and give no valid
// JSON.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/json_text.h"

namespace paddock {

/// A member's name in the source: checked when it is compiled, and written as it is.
class JsonName {
 public:
  consteval JsonName(const char* name) : text_(name) {  // NOLINT: a literal is a name
    for (const char c : text_) {
      if (c < ' ' || c > '~' || c == '"' || c == '\\') {
        throw "a name that needs escaping";
      }
    }
  }
  [[nodiscard]] constexpr std::string_view text() const noexcept { return text_; }

 private:
  std::string_view text_;
};

class JsonWriter {
 public:
  JsonWriter() { text_.reserve(kBytesInitial); }

  JsonWriter& BeginObject() { return Open('{'); }
  JsonWriter& EndObject() { return Close('}'); }
  JsonWriter& BeginArray() { return Open('['); }
  JsonWriter& EndArray() { return Close(']'); }

  /// The next value belongs to `name`.
  JsonWriter& Key(JsonName name) {
    Separate();
    text_ += '"';
    text_ += name.text();
    text_ += "\":";
    needs_comma_ = false;
    return *this;
  }
  /// The same for a name that is data.
  JsonWriter& DataKey(std::string_view name) {
    Separate();
    AppendJsonText(text_, name);
    text_ += ':';
    needs_comma_ = false;
    return *this;
  }

  JsonWriter& Text(std::string_view value) {
    Separate();
    AppendJsonText(text_, value);
    return *this;
  }
  JsonWriter& Null() { return Raw("null"); }
  JsonWriter& Boolean(bool value) { return Raw(value ? "true" : "false"); }
  template <std::integral Number>
  JsonWriter& Integer(Number value) {
    Separate();
    const fmt::format_int digits(value);
    text_.append(digits.data(), digits.size());
    return *this;
  }
  /// With three digits after the point: microseconds in a number of milliseconds.
  JsonWriter& Decimal(double value) {
    Separate();
    fmt::format_to(std::back_inserter(text_), "{:.3f}", value);
    return *this;
  }

  JsonWriter& Field(JsonName name, std::string_view value) { return Key(name).Text(value); }
  JsonWriter& Field(JsonName name, const char* value) { return Key(name).Text(value); }
  JsonWriter& Field(JsonName name, bool value) { return Key(name).Boolean(value); }
  JsonWriter& Field(JsonName name, double value) { return Key(name).Decimal(value); }
  template <std::integral Number>
    requires(!std::same_as<Number, bool>)
  JsonWriter& Field(JsonName name, Number value) {
    return Key(name).Integer(value);
  }

  /// Room for `more` bytes, so that a large value is not moved as it grows.
  JsonWriter& Reserve(std::size_t more) {
    if (text_.size() + more > text_.capacity()) {
      text_.reserve(text_.size() + more + kBytesInitial);
    }
    return *this;
  }

  [[nodiscard]] std::string Take() && { return std::move(text_); }

 private:
  JsonWriter& Raw(std::string_view text) {
    Separate();
    text_ += text;
    return *this;
  }
  JsonWriter& Open(char bracket) {
    Separate();
    text_ += bracket;
    needs_comma_ = false;
    return *this;
  }
  JsonWriter& Close(char bracket) {
    text_ += bracket;
    needs_comma_ = true;
    return *this;
  }
  void Separate() {
    if (needs_comma_) {
      text_ += ',';
    }
    needs_comma_ = true;
  }

  static constexpr std::size_t kBytesInitial = 1024;  // what most answers need: grown once, here

  std::string text_;
  bool needs_comma_ = false;
};

}  // namespace paddock
