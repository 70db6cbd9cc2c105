// Config: the controller's settings, read once at start. rest/config.def is the only list of them.
//
// A file is TOML. Kinds and what they accept:
//   Flag         true, false
//   Integer      a whole number within its bounds
//   Bytes        a number of bytes, or text such as "64 MiB" (KiB, MiB, GiB)
//   Millis       a number of milliseconds, or text such as "10 s" (ms, s, min, h)
//   Text         text
//   TextList     ["a", "b"]
//   AddressPort  "127.0.0.1:9443", "[::1]:9443"; port 0 takes a free one
//   LogLevel     "debug", "info", "warn", "error"

#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace apim::rest {

namespace setting {
using Flag = bool;
using Integer = uint64_t;
using Bytes = uint64_t;
using Millis = uint64_t;
using Text = std::string;
using TextList = std::vector<std::string>;
struct AddressPort {
  std::string host;  // an IP address, without brackets
  uint16_t port = 0;

  // "127.0.0.1:9443" or "[::1]:9443".
  std::string text() const;
};
enum class LogLevel : uint8_t { Debug, Info, Warn, Error };
}  // namespace setting

// One member a section, one member of it a setting: settings.server.listen.
struct Settings {
#define SECTION(Type, name, help) struct Type {
#define SETTING(Kind, name, low, high, help, ...) setting::Kind name{};
#define SECTION_END(Type, name) \
  }                             \
  name;
#include "rest/config.def"
#undef SECTION
#undef SETTING
#undef SECTION_END
};

// Every problem found, one line each: "controller.toml:7: server.lisen is not a setting; did you
// mean server.listen?"
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

// Every setting with its help, bounds and default, as valid TOML: what --print-config prints and
// conf/controller.toml holds.
std::string print_default_settings();

}  // namespace apim::rest
