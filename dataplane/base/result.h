// Result: a value, or the Fault that says why there is none.
//
// Faults are for what clients, backends and operators do. Bugs are asserts;
// exhaustion of memory is an abort (ceilings refuse earlier).

#pragma once

#include <cstdint>
#include <expected>
#include <string_view>
#include <utility>

namespace apim {

// Who is to blame decides the log level, the metric and the status code.
enum class Blame : uint8_t { Client, Upstream, Gateway, Operator };

// Every fault an API consumer can be answered with. base/faults.def is the only list.
enum class FaultCode : uint16_t {
#define FAULT(name, ...) name,
#include "base/faults.def"
#undef FAULT
  kCount
};

// 16 bytes, trivially copyable, never owns memory: `what` is a string literal.
struct Fault {
  FaultCode code;
  Blame blame;
  bool retryable;    // May the same request be sent to another endpoint?
  const char* what;  // For operators. Never shown to API consumers.
};
static_assert(sizeof(Fault) == 16);

// The public side of a fault: what WSO2 sends for it.
struct FaultText {
  std::string_view name;         // "KeyUnknown": logs and metrics
  uint16_t http_status;          // 401
  uint32_t code;                 // 900901; the body's "code"
  std::string_view message;      // the body's "message"
  std::string_view description;  // the body's "description"; may hold {0}, filled by the caller
  std::string_view type;         // the body's "type"; empty = no such member
};

// Static storage, valid for ever.
const FaultText& text_of(FaultCode code);

// The Fault for `code` with its usual blame. `what` must be a literal.
Fault fault(FaultCode code, const char* what);

template <class T>
using Result = std::expected<T, Fault>;

// TRY(auto head, parse_head(bytes)): returns the Fault upward, or moves the value out.
#define APIM_JOIN_(a, b) a##b
#define APIM_JOIN(a, b) APIM_JOIN_(a, b)
#define TRY(declaration, expression) TRY_(declaration, expression, APIM_JOIN(try_result_, __LINE__))
#define TRY_(declaration, expression, result)                  \
  auto result = (expression);                                  \
  if (!result.has_value()) return std::unexpected(result.error()); \
  declaration = std::move(*result)

}  // namespace apim
