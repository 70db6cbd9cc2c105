// Guard: the strict byte machine in front of the HTTP/1 parser.
//
// Finds where a head (or a chunked body's trailer) ends and refuses every byte
// that two readers could read differently: bare CR or LF, obs-fold, NUL and
// control bytes, empty or impossible field names. Works on any split of the
// input with the same verdict; llhttp then sees a whole, clean head once.
//
//   Start ─ [CR LF] ─ Line ─ CR LF ─ { Name ':' Value CR LF } ─ CR LF

#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace apim::http {

struct HeadLimits {
  uint32_t head_bytes = 32 * 1024;
  uint32_t line_bytes = 8 * 1024;  // The request line.
  uint32_t field_count = 100;
};

class Guard {
 public:
  enum class Kind : uint8_t { Request, Response, Trailer };
  enum class Outcome : uint8_t { NeedMore, Complete, Refused };
  struct Scan {
    Outcome outcome = Outcome::NeedMore;
    FaultCode code = FaultCode::BadRequest;  // Refused only.
    size_t used = 0;                         // Bytes that belong to the head.
  };

  explicit Guard(Kind kind) { reset(kind); }
  void reset(Kind kind);

  // Takes the next bytes. After Complete or Refused only reset() makes sense.
  Scan scan(std::string_view bytes, const HeadLimits& limits);

  uint32_t field_count() const { return field_count_; }
  uint32_t head_bytes() const { return head_bytes_; }
  // Bytes of an empty line in front of the start line: 0 or 2 (RFC 9112 2.2).
  uint32_t skipped_bytes() const { return skipped_bytes_; }

 private:
  enum class State : uint8_t {
    Start,
    SkipLf,
    Line,
    LineLf,
    FieldStart,
    Name,
    Value,
    ValueLf,
    EndLf
  };
  const char* step(const char* at, const char* end, FaultCode* refused);

  Kind kind_;
  State state_;
  bool is_complete_;
  uint32_t head_bytes_;
  uint32_t field_count_;
  uint32_t skipped_bytes_;
};

// RFC 9110 5.6.2.
bool is_token(std::string_view text);
// True when `text` may stand in a field value: no control byte but HTAB, no DEL.
bool is_field_value(std::string_view text);
// Copies `text` to `out`, which has room for it. False: it may not stand in a field value, and what
// `out` holds means nothing.
bool copy_field_value(std::string_view text, char* out);

}  // namespace apim::http
