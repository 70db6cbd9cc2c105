// Arguments: the command line of apim-gateway.

#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <vector>

namespace apim::gate {

struct Arguments {
  enum class Wish { Serve, Help, Version, PrintConfig };
  Wish wish = Wish::Serve;
  int32_t replaces = 0;                // The process this one takes over from; 0: none.
  std::string config_file;             // Empty: the defaults.
  std::vector<std::string> overrides;  // "section.key=value"
};

// The error is one line for people.
std::expected<Arguments, std::string> parse_arguments(std::span<char* const> words);

extern const char* const kHelpText;

}  // namespace apim::gate
