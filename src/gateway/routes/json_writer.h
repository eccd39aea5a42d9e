// JsonWriter: builds one JSON text front to back; it puts the commas.
//
// Used by the routes' answers. Writing an answer by hand costs a fifth of building a document
// first. Pure; any thread. Unbalanced calls are a bug of the caller and give no valid JSON.
#pragma once

#include <concepts>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "gateway/json_text.h"

namespace paddock::gateway {

class JsonWriter {
 public:
  JsonWriter& BeginObject() { return Open('{'); }
  JsonWriter& EndObject() { return Close('}'); }
  JsonWriter& BeginArray() { return Open('['); }
  JsonWriter& EndArray() { return Close(']'); }

  /// The next value belongs to `name`.
  JsonWriter& Key(std::string_view name) {
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
    fmt::format_to(std::back_inserter(text_), "{}", value);
    return *this;
  }
  /// With three digits after the point: microseconds in a number of milliseconds.
  JsonWriter& Decimal(double value) {
    Separate();
    fmt::format_to(std::back_inserter(text_), "{:.3f}", value);
    return *this;
  }

  JsonWriter& Field(std::string_view name, std::string_view value) { return Key(name).Text(value); }
  JsonWriter& Field(std::string_view name, const char* value) { return Key(name).Text(value); }
  JsonWriter& Field(std::string_view name, bool value) { return Key(name).Boolean(value); }
  JsonWriter& Field(std::string_view name, double value) { return Key(name).Decimal(value); }
  template <std::integral Number>
    requires(!std::same_as<Number, bool>)
  JsonWriter& Field(std::string_view name, Number value) {
    return Key(name).Integer(value);
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

  std::string text_;
  bool needs_comma_ = false;
};

}  // namespace paddock::gateway
