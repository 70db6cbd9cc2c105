#include "rest/config.h"

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
// A broken file is an error of the file: behind its assertions the parser reports it as one.
#define TOML_ASSERT(expression) static_cast<void>(0)
#define TOML_ENABLE_FORMATTERS 0
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#include <toml++/toml.h>
#pragma GCC diagnostic pop

#include <arpa/inet.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <cstdio>
#include <numeric>

#include "schemas/plain_toml.h"

namespace apim::rest {
namespace {

enum class Kind : uint8_t { Flag, Integer, Bytes, Millis, Text, TextList, AddressPort, LogLevel };

struct Row {
  std::string_view key;
  Kind kind;
  uint64_t low;
  uint64_t high;
  std::string_view help;
  std::string_view default_toml;
  // Stores the node's value in the setting. False: it is not what wanted(row) says.
  bool (*store)(Settings& settings, const toml::node& node, const Row& row);
};

struct Section {
  std::string_view name;
  std::string_view help;
  std::span<const Row> rows;
};

// ---- units

struct Unit {
  std::string_view name;
  uint64_t factor;
};
constexpr Unit kByteUnits[] = {{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}};
constexpr Unit kMilliUnits[] = {{"ms", 1}, {"min", 60'000}, {"s", 1'000}, {"h", 3'600'000}};

// "64 MiB" or "64MiB" -> 67108864
std::optional<uint64_t> with_unit(std::string_view text, std::span<const Unit> units) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  std::string_view rest = text.substr(static_cast<size_t>(end - text.data()));
  while (rest.starts_with(' ')) rest.remove_prefix(1);
  for (const Unit& unit : units) {
    uint64_t product = 0;
    if (rest == unit.name && !__builtin_mul_overflow(number, unit.factor, &product)) return product;
  }
  return std::nullopt;
}

bool read_number(const toml::node& node, const Row& row, std::span<const Unit> units,
                 uint64_t& out) {
  std::optional<uint64_t> number;
  if (const auto* integer = node.as_integer(); integer != nullptr && integer->get() >= 0) {
    number = static_cast<uint64_t>(integer->get());
  } else if (const auto* text = node.as_string()) {
    number = with_unit(text->get(), units);
  }
  if (!number || *number < row.low || *number > row.high) return false;
  out = *number;
  return true;
}

// ---- one reader a kind

bool read_text(const toml::node& node, std::string& out) {
  const auto* text = node.as_string();
  if (text == nullptr || text->get().find('\0') != std::string::npos) return false;
  out = text->get();
  return true;
}

bool read_text_list(const toml::node& node, std::vector<std::string>& out) {
  const auto* array = node.as_array();
  if (array == nullptr) return false;
  out.clear();
  for (const toml::node& item : *array) {
    if (!read_text(item, out.emplace_back())) return false;
  }
  return true;
}

bool read_address_port(const toml::node& node, setting::AddressPort& out) {
  std::string text;
  if (!read_text(node, text)) return false;
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos) return false;
  std::string_view host = std::string_view(text).substr(0, colon);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (bracketed != (host.find(':') != std::string_view::npos)) return false;
  std::array<unsigned char, 16> address{};
  if (inet_pton(bracketed ? AF_INET6 : AF_INET, std::string(host).c_str(), address.data()) != 1)
    return false;
  const std::string_view digits = std::string_view(text).substr(colon + 1);
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size()) return false;
  out = {.host = std::string(host), .port = port};
  return true;
}

bool read_level(const toml::node& node, setting::LogLevel& out) {
  std::string text;
  if (!read_text(node, text)) return false;
  constexpr std::string_view kNames[] = {"debug", "info", "warn", "error"};
  const auto* found = std::ranges::find(kNames, text);
  if (found == std::end(kNames)) return false;
  out = static_cast<setting::LogLevel>(found - kNames);
  return true;
}

template <Kind kKind, class T>
bool read(const toml::node& node, const Row& row, T& out) {
  if constexpr (kKind == Kind::Flag) {
    const auto* flag = node.as_boolean();
    if (flag != nullptr) out = flag->get();
    return flag != nullptr;
  } else if constexpr (kKind == Kind::Integer) {
    return read_number(node, row, {}, out);
  } else if constexpr (kKind == Kind::Bytes) {
    return read_number(node, row, kByteUnits, out);
  } else if constexpr (kKind == Kind::Millis) {
    return read_number(node, row, kMilliUnits, out);
  } else if constexpr (kKind == Kind::Text) {
    return read_text(node, out);
  } else if constexpr (kKind == Kind::TextList) {
    return read_text_list(node, out);
  } else if constexpr (kKind == Kind::AddressPort) {
    return read_address_port(node, out);
  } else {
    static_assert(kKind == Kind::LogLevel);
    return read_level(node, out);
  }
}

// ---- the table: a namespace a section, then the list of sections

#define SECTION(Type, name, help)             \
  namespace in_##name {                       \
    constexpr auto kMember = &Settings::name; \
    constexpr Row kRows[] = {
#define SETTING(kind_name, name, low, high, help, ...)                  \
  {#name,                                                               \
   Kind::kind_name,                                                     \
   low,                                                                 \
   high,                                                                \
   help,                                                                \
   #__VA_ARGS__,                                                        \
   [](Settings& settings, const toml::node& node, const Row& row) {     \
     return read<Kind::kind_name>(node, row, (settings.*kMember).name); \
   }},
#define SECTION_END(Type, name) \
  }                             \
  ;                             \
  }
#include "rest/config.def"
#undef SECTION
#undef SETTING
#undef SECTION_END

constexpr Section kSections[] = {
#define SECTION(Type, name, help) {#name, help, in_##name::kRows},
#define SETTING(...)
#define SECTION_END(Type, name)
#include "rest/config.def"
#undef SECTION
#undef SETTING
#undef SECTION_END
};

// ---- texts for people

std::string bytes_text(uint64_t bytes) {
  for (const Unit& unit : kByteUnits) {
    if (bytes >= unit.factor && bytes % unit.factor == 0) {
      return fmt::format("{} {}", bytes / unit.factor, unit.name);
    }
  }
  return "0 B";
}

// What the setting accepts, as the end of a sentence that starts with "must be".
std::string wanted(const Row& row) {
  switch (row.kind) {
    case Kind::Flag: return "true or false";
    case Kind::Integer: return fmt::format("a whole number from {} to {}", row.low, row.high);
    case Kind::Bytes:
      return fmt::format("a number of bytes from {} to {}, or text such as \"64 KiB\"",
                         bytes_text(row.low), bytes_text(row.high));
    case Kind::Millis:
      return fmt::format("a number of milliseconds from {} to {}, or text such as \"10 s\"",
                         row.low, row.high);
    case Kind::Text: return "text in quotes";
    case Kind::TextList: return "a list of texts such as [\"a\", \"b\"]";
    case Kind::AddressPort:
      return "an address and a port such as \"127.0.0.1:9443\" or \"[::1]:9443\"";
    case Kind::LogLevel: return "\"debug\", \"info\", \"warn\" or \"error\"";
  }
  return "";
}

// Levenshtein's distance.
size_t distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, changed});
    }
  }
  return row.back();
}

std::string known_names() {
  std::string names;
  for (const Section& section : kSections) {
    names += fmt::format("{}{}", names.empty() ? "" : ", ", section.name);
  }
  return names;
}

// "; did you mean limits.head_bytes?" for the known setting that reads most like `name`.
std::string suggestion(std::string_view name) {
  constexpr size_t kDistanceMax = 4;
  size_t best = kDistanceMax + 1;
  std::string nearest;
  for (const Section& section : kSections) {
    for (const Row& row : section.rows) {
      const std::string full = fmt::format("{}.{}", section.name, row.key);
      const bool same_key = name.substr(name.find('.') + 1) == row.key;
      const size_t away = same_key ? 1 : distance(name, full);
      if (away < best) {
        best = away;
        nearest = full;
      }
    }
  }
  if (!nearest.empty()) return fmt::format("; did you mean {}?", nearest);
  const std::string_view section_name = name.substr(0, name.find('.'));
  for (const Section& section : kSections) {
    if (section.name != section_name) continue;
    std::vector<std::string_view> keys;
    for (const Row& row : section.rows) keys.push_back(row.key);
    return fmt::format("; [{}] has {}", section_name, fmt::join(keys, ", "));
  }
  return fmt::format("; the sections are {}", known_names());
}

const Section* find_section(std::string_view name) {
  const auto* found = std::ranges::find(kSections, name, &Section::name);
  return found == std::end(kSections) ? nullptr : found;
}

const Row* find_row(const Section& section, std::string_view key) {
  const auto found = std::ranges::find(section.rows, key, &Row::key);
  return found == section.rows.end() ? nullptr : &*found;
}

// ---- reading

struct Reading {
  Settings settings;
  ConfigErrors errors;

  void fail(std::string_view where, std::string_view problem) {
    errors.lines.push_back(fmt::format("{}: {}", where, problem));
  }
};

std::string place(std::string_view file, const toml::source_region& region) {
  return fmt::format("{}:{}", file, region.begin.line);
}

void apply_section(Reading& reading, const Section& section, const toml::table& table,
                   std::string_view file) {
  for (const auto& [key, node] : table) {
    const std::string name = fmt::format("{}.{}", section.name, key.str());
    const std::string where = place(file, key.source());
    const Row* row = find_row(section, key.str());
    if (row == nullptr) {
      reading.fail(where, fmt::format("{} is not a setting{}", name, suggestion(name)));
    } else if (!row->store(reading.settings, node, *row)) {
      reading.fail(where, fmt::format("{} must be {}", name, wanted(*row)));
    }
  }
}

void apply_file(Reading& reading, std::string_view text, std::string_view file) {
  if (const auto stray = first_stray_byte(text)) {
    const auto line = 1 + std::ranges::count(text.substr(0, *stray), '\n');
    reading.fail(fmt::format("{}:{}", file, line),
                 "not TOML: a character beyond ASCII outside of strings and comments");
    return;
  }
  const toml::parse_result parsed = toml::parse(text, file);
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    reading.fail(place(file, error.source()), fmt::format("not TOML: {}", error.description()));
    return;
  }
  for (const auto& [key, node] : parsed.table()) {
    const std::string where = place(file, key.source());
    const Section* section = find_section(key.str());
    if (section == nullptr) {
      const std::string what =
          fmt::format("[{}] is not a section; the sections are {}", key.str(), known_names());
      reading.fail(where, node.is_table() ? what
                                          : fmt::format("{} stands outside of a section{}",
                                                        key.str(), suggestion(key.str())));
    } else if (const toml::table* table = node.as_table()) {
      apply_section(reading, *section, *table, file);
    } else {
      reading.fail(where, fmt::format("{} must be a section: [{}]", key.str(), key.str()));
    }
  }
}

// The TOML for a value given on the command line, where text needs no quotes.
std::string as_toml(Kind kind, std::string_view value) {
  const auto quoted = [](std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    return out + '"';
  };
  const bool is_list = kind == Kind::TextList;
  if (is_list) {
    if (value.starts_with('[')) return std::string(value);
    std::string out = "[";
    while (!value.empty()) {
      const size_t comma = std::min(value.find(','), value.size());
      out += quoted(value.substr(0, comma)) + ",";
      value.remove_prefix(std::min(comma + 1, value.size()));
    }
    return out + "]";
  }
  const bool is_digits = !value.empty() && value.find_first_not_of("0123456789") == value.npos;
  const bool is_number = kind == Kind::Integer || kind == Kind::Bytes || kind == Kind::Millis;
  if (kind == Kind::Flag || (is_number && is_digits)) return std::string(value);
  return value.starts_with('"') ? std::string(value) : quoted(value);
}

void apply_override(Reading& reading, std::string_view override) {
  const std::string where = fmt::format("--set {}", override);
  const size_t equals = override.find('=');
  const size_t dot = override.find('.');
  if (equals == std::string_view::npos || dot > equals) {
    reading.fail(where, "must have the form section.key=value");
    return;
  }
  const std::string_view name = override.substr(0, equals);
  const Section* section = find_section(name.substr(0, dot));
  const Row* row = section == nullptr ? nullptr : find_row(*section, name.substr(dot + 1));
  if (row == nullptr) {
    reading.fail(where, fmt::format("{} is not a setting{}", name, suggestion(name)));
    return;
  }
  const std::string text =
      fmt::format("value = {}", as_toml(row->kind, override.substr(equals + 1)));
  const bool is_plain = !first_stray_byte(text);
  const toml::parse_result parsed = toml::parse(is_plain ? text : "");
  const toml::node* node = parsed ? parsed.table().get("value") : nullptr;
  if (node == nullptr || !row->store(reading.settings, *node, *row)) {
    reading.fail(where, fmt::format("{} must be {}", name, wanted(*row)));
  }
}

std::string bounds_text(const Row& row) {
  switch (row.kind) {
    case Kind::Integer: return fmt::format(" ({} to {})", row.low, row.high);
    case Kind::Bytes:
      return fmt::format(" (bytes, {} to {})", bytes_text(row.low), bytes_text(row.high));
    case Kind::Millis: return fmt::format(" (milliseconds, {} to {})", row.low, row.high);
    default: return "";
  }
}

}  // namespace

std::string setting::AddressPort::text() const {
  const bool bracketed = host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", bracketed ? "[" : "", host, bracketed ? "]" : "", port);
}

Settings default_settings() {
  Reading reading;
  apply_file(reading, print_default_settings(), "defaults");
  assert(reading.errors.lines.empty());
  return reading.settings;
}

std::expected<Settings, ConfigErrors> parse_settings(std::string_view text, std::string_view file,
                                                     std::span<const std::string> overrides) {
  Reading reading{.settings = default_settings(), .errors = {}};
  apply_file(reading, text, file);
  for (const std::string& override : overrides) apply_override(reading, override);
  if (!reading.errors.lines.empty()) return std::unexpected(std::move(reading.errors));
  return std::move(reading.settings);
}

std::expected<Settings, ConfigErrors> load_settings(const std::string& path,
                                                    std::span<const std::string> overrides) {
  std::string text;
  if (!path.empty()) {
    std::FILE* file = std::fopen(path.c_str(), "re");
    const auto refused = [&] {
      return std::unexpected(ConfigErrors{
          {fmt::format("{}: cannot be read: {}", path, std::generic_category().message(errno))}});
    };
    if (file == nullptr) return refused();
    char chunk[4096];
    size_t got = 0;
    while ((got = std::fread(chunk, 1, sizeof(chunk), file)) > 0) text.append(chunk, got);
    const bool failed = std::ferror(file) != 0;
    std::fclose(file);
    if (failed) return refused();
  }
  return parse_settings(text, path, overrides);
}

std::string print_default_settings() {
  std::string text =
      "# apim-controller's settings, each with its default. A file needs only what differs.\n";
  for (const Section& section : kSections) {
    text += fmt::format("\n# {}.\n[{}]\n", section.help, section.name);
    for (const Row& row : section.rows) {
      text +=
          fmt::format("# {}{}\n{} = {}\n", row.help, bounds_text(row), row.key, row.default_toml);
    }
  }
  return text;
}

}  // namespace apim::rest
