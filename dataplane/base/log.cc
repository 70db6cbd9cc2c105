#include "base/log.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <ctime>

namespace apim::log {

bool Valve::admits(uint64_t second) {
  if (second_.load(std::memory_order_relaxed) != second) {
    second_.store(second, std::memory_order_relaxed);
    lines_.store(0, std::memory_order_relaxed);
  }
  if (lines_.fetch_add(1, std::memory_order_relaxed) < kLinesPerSecondMax) return true;
  leave_out(1);
  return false;
}

namespace {

constexpr std::string_view kCutMark = " cut=true";

std::atomic<Level> least_level{Level::Info};

Valve valve;

std::string_view name_of(Level level) {
  switch (level) {
    case Level::Debug: return "debug";
    case Level::Info: return "info";
    case Level::Warn: return "warn";
    case Level::Error: return "error";
  }
  return "error";
}

bool needs_quotes(std::string_view text) {
  if (text.empty()) return true;
  for (const char c : text) {
    if (c <= ' ' || c == '"' || c == '\\' || c == '=' || c > '~') return true;
  }
  return false;
}

void append_text(std::string& line, std::string_view text) {
  if (!needs_quotes(text)) {
    line += text;
    return;
  }
  line += '"';
  for (const char c : text) {
    if (line.size() >= kLineBytesMax) break;
    if (c == '"' || c == '\\') {
      line += '\\';
      line += c;
    } else if (c == '\n') {
      line += "\\n";
    } else if (c < ' ' || c > '~') {
      fmt::format_to(std::back_inserter(line), "\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      line += c;
    }
  }
  line += '"';
}

void append_value(std::string& line, const Value& value) {
  switch (value.kind()) {
    case Value::Kind::Text: append_text(line, value.text()); return;
    case Value::Kind::Signed: line += fmt::to_string(value.signed_number()); return;
    case Value::Kind::Unsigned: line += fmt::to_string(value.unsigned_number()); return;
    case Value::Kind::Real: line += fmt::to_string(value.real()); return;
    case Value::Kind::Flag: line += value.unsigned_number() != 0 ? "true" : "false"; return;
    case Value::Kind::Secret: line += "***"; return;
  }
}

std::string time_text(uint64_t unix_ms) {
  const auto seconds = static_cast<time_t>(unix_ms / 1000);
  tm parts{};
  gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900,
                     parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                     unix_ms % 1000);
}

// A line of at most PIPE_BUF bytes to a descriptor that is ready is taken whole and at once.
bool write_at_once(std::string_view line) {
  pollfd ready{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
  if (poll(&ready, 1, 0) != 1 || (ready.revents & POLLOUT) == 0) return false;
  return write(STDERR_FILENO, line.data(), line.size()) == static_cast<ssize_t>(line.size());
}

void put(Level level, std::string_view event, Fields fields) {
  if (!enabled(level)) return;
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  const auto unix_ms = static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count());
  if (!valve.admits(unix_ms / 1000)) return;
  std::string line = format(level, unix_ms, event, fields);
  const uint64_t left_out = valve.take_left_out();
  if (left_out > 0) line += fmt::format(" lines_left_out={}", left_out);
  line += '\n';
  if (!write_at_once(line)) valve.leave_out(left_out + 1);
}

}  // namespace

void set_level(Level level) { least_level.store(level, std::memory_order_relaxed); }

bool enabled(Level level) { return level >= least_level.load(std::memory_order_relaxed); }

void debug(std::string_view event, Fields fields) { put(Level::Debug, event, fields); }
void info(std::string_view event, Fields fields) { put(Level::Info, event, fields); }
void warn(std::string_view event, Fields fields) { put(Level::Warn, event, fields); }
void error(std::string_view event, Fields fields) { put(Level::Error, event, fields); }

std::string format(Level level, uint64_t unix_ms, std::string_view event, Fields fields) {
  std::string line = time_text(unix_ms);
  line += ' ';
  line += name_of(level);
  line += ' ';
  line += event;
  for (const Field& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    append_value(line, field.value);
  }
  if (line.size() > kLineBytesMax) {
    line.resize(kLineBytesMax - kCutMark.size());
    line += kCutMark;
  }
  return line;
}

}  // namespace apim::log
