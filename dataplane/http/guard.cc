#include "http/guard.h"

#include <array>
#include <cassert>
#include <cstring>

#include "base/copy_checked.h"

namespace apim::http {
namespace {

enum Class : uint8_t { kToken = 1, kLine = 2, kText = 4 };

constexpr std::array<uint8_t, 256> make_classes() {
  std::array<uint8_t, 256> classes{};
  for (unsigned c = 0; c < 256; ++c) {
    const bool is_text = (c >= 0x20 && c != 0x7f) || c == '\t';
    const bool is_line = c >= 0x20 && c < 0x7f;
    const bool is_alphanumeric =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    classes[c] = static_cast<uint8_t>((is_text ? kText : 0) | (is_line ? kLine : 0) |
                                      (is_alphanumeric ? kToken : 0));
  }
  for (const char c : std::string_view("!#$%&'*+-.^_`|~"))
    classes[static_cast<uint8_t>(c)] |= kToken;
  return classes;
}

constexpr std::array<uint8_t, 256> kClasses = make_classes();

bool is(Class wanted, char c) { return (kClasses[static_cast<uint8_t>(c)] & wanted) != 0; }

const char* skip(Class wanted, const char* at, const char* end) {
  for (; end - at >= 4; at += 4) {
    if (!is(wanted, at[0])) return at;
    if (!is(wanted, at[1])) return at + 1;
    if (!is(wanted, at[2])) return at + 2;
    if (!is(wanted, at[3])) return at + 3;
  }
  while (at != end && is(wanted, *at)) ++at;
  return at;
}

#if defined(__SSE2__)
__m128i bytes_at(const char* at) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at)); }

// A bit for each byte that is a control byte (HTAB too) or DEL.
unsigned controls_in(__m128i bytes) {
  const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
  const __m128i del = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f));
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(low, del)));
}
#endif

// What copying looks for in a field value. HTAB, which is fine, is suspected too.
struct ControlCheck {
#if defined(__SSE2__)
  static bool suspects(__m128i bytes) { return controls_in(bytes) != 0; }
#endif
  static bool suspects(uint64_t word) {
    return (bytes_below(word, 0x20) | bytes_equal(word, 0x7f)) != 0;
  }
  static bool suspects(char c) { return !is(kText, c); }
};

// The first byte in [at, end) that is no field text.
const char* skip_text(const char* at, const char* end) {
#if defined(__SSE2__)
  for (; end - at >= 16; at += 16) {
    const unsigned controls = controls_in(bytes_at(at));
    if (controls == 0) continue;
    at += __builtin_ctz(controls);
    if (*at != '\t') return at;
    at -= 15;  // Past the tab.
  }
#endif
  return skip(kText, at, end);
}

// The first byte in [at, end) that is no visible ASCII or space.
const char* skip_line(const char* at, const char* end) {
#if defined(__SSE2__)
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = bytes_at(at);
    // The top bit marks what is beyond ASCII.
    const unsigned others = controls_in(bytes) | static_cast<unsigned>(_mm_movemask_epi8(bytes));
    if (others != 0) return at + __builtin_ctz(others);
  }
#endif
  return skip(kLine, at, end);
}

}  // namespace

bool is_token(std::string_view text) {
  return !text.empty() &&
         skip(kToken, text.data(), text.data() + text.size()) == text.data() + text.size();
}

bool is_field_value(std::string_view text) {
  return skip_text(text.data(), text.data() + text.size()) == text.data() + text.size();
}

bool copy_field_value(std::string_view text, char* out) {
  if (copy_checked<ControlCheck>(text, out)) return true;
  if (!is_field_value(text)) return false;
  std::memcpy(out, text.data(), text.size());
  return true;
}

void Guard::reset(Kind kind) {
  kind_ = kind;
  state_ = kind == Kind::Trailer ? State::FieldStart : State::Start;
  is_complete_ = false;
  head_bytes_ = 0;
  field_count_ = 0;
  skipped_bytes_ = 0;
}

// Takes at least one byte, and as many as stay in the state.
[[gnu::always_inline]] inline const char* Guard::step(const char* at, const char* end,
                                                      FaultCode* refused) {
  const char c = *at;
  const auto refuse = [&] {
    *refused = FaultCode::BadRequest;
    return at + 1;
  };
  const auto expect_lf = [&](State next) {
    if (c != '\n') return refuse();
    state_ = next;
    return at + 1;
  };
  switch (state_) {
    case State::Start:
      if (c == '\r' && kind_ == Kind::Request && skipped_bytes_ == 0) {
        state_ = State::SkipLf;
        return at + 1;
      }
      if (!is(kLine, c) || c == ' ') return refuse();
      state_ = State::Line;
      [[fallthrough]];
    case State::Line:
      at = kind_ == Kind::Request ? skip_line(at, end) : skip_text(at, end);
      if (at == end) return at;
      if (*at != '\r') return refuse();
      state_ = State::LineLf;
      return at + 1;
    case State::SkipLf: skipped_bytes_ = 2; return expect_lf(State::Start);
    case State::LineLf: return expect_lf(State::FieldStart);
    case State::FieldStart:
      if (c == '\r') {
        state_ = State::EndLf;
        return at + 1;
      }
      if (!is(kToken, c)) return refuse();
      ++field_count_;
      state_ = State::Name;
      [[fallthrough]];
    case State::Name:
      at = skip(kToken, at, end);
      if (at == end) return at;
      if (*at != ':') return refuse();
      state_ = State::Value;
      return at + 1;
    case State::Value:
      at = skip_text(at, end);
      if (at == end) return at;
      if (*at != '\r') return refuse();
      state_ = State::ValueLf;
      return at + 1;
    case State::ValueLf: return expect_lf(State::FieldStart);
    case State::EndLf: is_complete_ = c == '\n'; return expect_lf(State::FieldStart);
  }
  __builtin_unreachable();
}

Guard::Scan Guard::scan(std::string_view bytes, const HeadLimits& limits) {
  assert(!is_complete_);
  const char* at = bytes.data();
  const char* end = at + bytes.size();
  FaultCode refused = FaultCode::kCount;
  while (at != end && !is_complete_ && refused == FaultCode::kCount) {
    const State before = state_;
    const char* next = step(at, end, &refused);
    head_bytes_ += static_cast<uint32_t>(next - at);
    at = next;
    const bool is_line = before == State::Line || before == State::Start;
    if (is_line && head_bytes_ > limits.line_bytes) refused = FaultCode::TargetTooLong;
    if (head_bytes_ > limits.head_bytes || field_count_ > limits.field_count) {
      if (!is_line) refused = FaultCode::HeadTooLarge;
    }
  }
  const auto used = static_cast<size_t>(at - bytes.data());
  if (refused != FaultCode::kCount) return {Outcome::Refused, refused, used};
  return {is_complete_ ? Outcome::Complete : Outcome::NeedMore, FaultCode::BadRequest, used};
}

}  // namespace apim::http
