// Log: messages for operators, one line each on stderr.
//
//   2026-01-31T23:59:59.123Z warn upstream_refused route=pets errno=111
//
// The event's name comes first, then key=value; a value with spaces, quotes or
// control bytes is quoted and escaped, so one message is one line. Any thread.
// Never blocks for long: a line goes out in one write and only when stderr
// takes it at once, and at most kLinesPerSecondMax lines a second go out. What
// is left out is counted and said with the next line that is written.

#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace apim::log {

enum class Level : uint8_t { Debug, Info, Warn, Error };

inline constexpr uint32_t kLinesPerSecondMax = 1000;
inline constexpr size_t kLineBytesMax = 2048;

// Stands where a secret would: prints as ***.
struct Redacted {};

// What a field may hold. Views must live until the call returns.
class Value {
 public:
  enum class Kind : uint8_t { Text, Signed, Unsigned, Real, Flag, Secret };

  Value(std::string_view text) : kind_(Kind::Text), text_(text) {}
  Value(const char* text) : kind_(Kind::Text), text_(text) {}
  Value(const std::string& text) : kind_(Kind::Text), text_(text) {}
  Value(bool flag) : kind_(Kind::Flag), unsigned_(flag) {}
  Value(double real) : kind_(Kind::Real), real_(real) {}
  template <std::signed_integral T>
  Value(T number) : kind_(Kind::Signed), signed_(number) {}
  template <std::unsigned_integral T>
  Value(T number) : kind_(Kind::Unsigned), unsigned_(number) {}
  Value(Redacted) : kind_(Kind::Secret) {}

  Kind kind() const { return kind_; }
  std::string_view text() const { return text_; }
  int64_t signed_number() const { return signed_; }
  uint64_t unsigned_number() const { return unsigned_; }
  double real() const { return real_; }

 private:
  Kind kind_;
  std::string_view text_;
  union {
    int64_t signed_ = 0;
    uint64_t unsigned_;
    double real_;
  };
};

struct Field {
  std::string_view key;
  Value value;
};
using Fields = std::initializer_list<Field>;

// Messages below `level` are left out. Info until it is called.
void set_level(Level level);
bool enabled(Level level);

void debug(std::string_view event, Fields fields = {});
void info(std::string_view event, Fields fields = {});
void warn(std::string_view event, Fields fields = {});
void error(std::string_view event, Fields fields = {});

// Bounds the lines of one second and counts those left out. Two threads that meet at a second's
// edge may let a few lines more through.
class Valve {
 public:
  // May a line go out in that second? A refusal is counted.
  bool admits(uint64_t second);
  void leave_out(uint64_t lines) { left_out_.fetch_add(lines, std::memory_order_relaxed); }
  // How many were left out since the last call.
  uint64_t take_left_out() { return left_out_.exchange(0, std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> second_{0};
  std::atomic<uint32_t> lines_{0};
  std::atomic<uint64_t> left_out_{0};
};

// The line without its newline, at most kLineBytesMax long. Pure; `unix_ms` is wall time.
std::string format(Level level, uint64_t unix_ms, std::string_view event, Fields fields);

}  // namespace apim::log
