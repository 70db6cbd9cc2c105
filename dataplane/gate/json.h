// Json: the text of an admin page, member by member; commas are its business.

#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "observe/escape.h"

namespace apim::gate {

class Json {
 public:
  void open(char bracket) {
    text_ += bracket;
    first_ = true;
  }
  void close(char bracket) {
    text_ += bracket;
    first_ = false;
  }
  // Before each element of an array.
  void item() {
    if (!first_) text_ += ',';
    first_ = false;
  }
  // Before a value that is opened next.
  void name(std::string_view member) {
    item();
    fmt::format_to(std::back_inserter(text_), "\"{}\":", member);
  }
  void number(std::string_view member, uint64_t value) {
    name(member);
    text_ += fmt::to_string(value);
  }
  void flag(std::string_view member, bool value) {
    name(member);
    text_ += value ? "true" : "false";
  }
  void text(std::string_view member, std::string_view value) {
    name(member);
    observe::append_json(text_, value);
  }
  void null(std::string_view member) {
    name(member);
    text_ += "null";
  }
  // An element of an array of texts.
  void text_item(std::string_view value) {
    item();
    observe::append_json(text_, value);
  }
  // `json` is a value already.
  void raw(std::string_view member, std::string_view json) {
    name(member);
    text_ += json;
  }
  std::string take() {
    text_ += '\n';
    return std::move(text_);
  }

 private:
  std::string text_;
  bool first_ = true;
};

}  // namespace apim::gate
