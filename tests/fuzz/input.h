// Input: a fuzz input taken apart into numbers and texts. What is used up gives zeros and "".

#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace apim::fuzz {

class Input {
 public:
  Input(const uint8_t* data, size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

  // Little-endian, as many bytes as the type has.
  template <class Number>
  Number number() {
    Number value{};
    const std::string_view bytes = take(sizeof(Number));
    if (!bytes.empty()) std::memcpy(&value, bytes.data(), bytes.size());
    return value;
  }

  // Two bytes of length, then the text.
  std::string_view text() { return take(number<uint16_t>()); }

  std::string_view rest() const { return rest_; }

 private:
  std::string_view take(size_t count) {
    const std::string_view taken = rest_.substr(0, std::min(count, rest_.size()));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  std::string_view rest_;
};

}  // namespace apim::fuzz
