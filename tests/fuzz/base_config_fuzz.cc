// Config: any text becomes settings within their bounds, or a list of problems a person can read.
//
// Input: the file; every line behind a line "%%" is an override.

#include "base/config.h"

#include <cassert>
#include <cstdint>
#include <string>
#include <vector>

namespace {

using apim::Settings;

template <class Value>
void check_bounds(const Value& value, uint64_t low, uint64_t high) {
  if constexpr (std::is_same_v<Value, uint64_t>) {
    assert(value >= low);
    assert(value <= high);
  }
}

void check_settings(const Settings& settings) {
#define SECTION(Type, name, help) \
  {                               \
    const auto& section = settings.name;
#define SETTING(Kind, name, low, high, help, ...) check_bounds(section.name, low, high);
#define SECTION_END(Type, name) }
#include "base/config.def"
#undef SECTION
#undef SETTING
#undef SECTION_END
}

void check_errors(const apim::ConfigErrors& errors) {
  assert(!errors.lines.empty());
  for (const std::string& line : errors.lines) {
    assert(!line.empty());
    for (const char c : line) {
      assert(static_cast<unsigned char>(c) >= 0x20);
      assert(c != 0x7f);
    }
  }
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr std::string_view kMark = "\n%%\n";
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t mark = input.find(kMark);
  const std::string_view file = input.substr(0, mark);
  std::vector<std::string> overrides;
  if (mark != std::string_view::npos) overrides = lines_of(input.substr(mark + kMark.size()));
  const auto settings = apim::parse_settings(file, "fuzz.toml", overrides);
  if (settings) {
    check_settings(*settings);
  } else {
    check_errors(settings.error());
  }
  return 0;
}
