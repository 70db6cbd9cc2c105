// Edits: a list of header edits in which every name stands once; a later edit of a name replaces
// the earlier one.

#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "exchange/exchange.h"

namespace apim::policy {

class Edits {
 public:
  Edits(std::array<HeaderEdit, Shape::kEditsMax>& edits, uint8_t& count)
      : edits_(edits), count_(count) {}

  // False: there is no room for another name.
  bool set(std::string_view name, std::string_view value) {
    return put({.name = name, .value = value});
  }
  bool remove(std::string_view name) { return put({.name = name, .value = {}, .removes = true}); }
  bool append(std::string_view name, std::string_view value) {
    return put({.name = name, .value = value, .removes = false, .appends = true});
  }

 private:
  bool put(const HeaderEdit& edit);

  std::array<HeaderEdit, Shape::kEditsMax>& edits_;
  uint8_t& count_;
};

}  // namespace apim::policy
