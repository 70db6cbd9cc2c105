// Config: the gateway's settings, read once at start. base/config.def is the only list of them.
//
// A file is TOML. Kinds and what they accept:
//   Flag         true, false
//   Integer      a whole number within its bounds
//   Bytes        a number of bytes, or text such as "64 MiB" (KiB, MiB, GiB)
//   Millis       a number of milliseconds, or text such as "10 s" (ms, s, min, h)
//   Text         text
//   TextList     ["a", "b"]
//   AddressPort  "127.0.0.1:8280", "[::1]:8280"; port 0 takes a free one
//   RangeList    ["10.0.0.0/8", "::1"]
//   LogLevel     "debug", "info", "warn", "error"

#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/log.h"

namespace apim {

namespace setting {
using Flag = bool;
using Integer = uint64_t;
using Bytes = uint64_t;
using Millis = uint64_t;
using Text = std::string;
using TextList = std::vector<std::string>;
struct AddressPort {
  std::string host;  // As written, without brackets: for the socket functions.
  Address address;
  uint16_t port = 0;

  // "127.0.0.1:8280" or "[::1]:8280".
  std::string text() const;
};
using RangeList = std::vector<AddressRange>;
using LogLevel = log::Level;
}  // namespace setting

// One member a section, one member of it a setting: settings.limits.head_bytes.
// Value-initialised it holds zeros; the documented defaults come from default_settings().
struct Settings {
#define SECTION(Type, name, help) struct Type {
#define SETTING(Kind, name, low, high, help, ...) setting::Kind name{};
#define SECTION_END(Type, name) \
  }                             \
  name;
#include "base/config.def"
#undef SECTION
#undef SETTING
#undef SECTION_END
};

// Every problem found, one line each, ready for a person: "gateway.toml:7: limits.head_byte is not
// a setting; did you mean limits.head_bytes?"
struct ConfigErrors {
  std::vector<std::string> lines;
};

Settings default_settings();

// `text` is TOML, `file` its name for messages. `overrides` are "section.key=value", applied last;
// text needs no quotes there and lists may be comma separated. Pure.
std::expected<Settings, ConfigErrors> parse_settings(std::string_view text, std::string_view file,
                                                     std::span<const std::string> overrides);

// The same from a file. An empty path means the defaults.
std::expected<Settings, ConfigErrors> load_settings(const std::string& path,
                                                    std::span<const std::string> overrides);

// Every setting with its help, unit, bounds and default, as valid TOML: what --print-config prints
// and conf/gateway.toml holds.
std::string print_default_settings();

}  // namespace apim
