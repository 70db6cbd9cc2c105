// Exchange: one request and its response (RFC 9110's word) on its way through the steps.
//
// Data only. Lives in a pool slot of its worker from the parsed head until
// finish(); all text it points to lies in `arena` or in the pinned image. A step
// writes only its own group of fields. One thread: the worker's.

#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/address.h"
#include "base/arena.h"
#include "exchange/answer.h"
#include "exchange/principal.h"
#include "exchange/verdict.h"
#include "http/head.h"
#include "snapshot/current.h"

namespace apim {

// Written by the wire before the first step.
struct ClientSide {
  Address peer;            // The socket's other end.
  Address address;         // The client: peer, or what a trusted proxy says.
  uint16_t peer_port = 0;
  bool tls = false;        // Arrived over TLS.
};

// Written by match().
struct Route {
  const fbs::Api* api = nullptr;
  const fbs::Operation* operation = nullptr;
  std::string_view resource;  // Path after the context: "/order/7". Starts with '/'; canonical.
  bool by_default_version = false;
};

// A counter that was charged and is given back when a later level refuses.
struct Charge {
  uint32_t pool_index = 0;
  uint32_t window = 0;
};

// Written by throttle().
struct Throttled {
  static constexpr size_t kChargesMax = 8;
  std::array<Charge, kChargesMax> charges;
  uint8_t charge_count = 0;
  bool over_quota = false;         // Passed although its quota is used up (stopOnQuotaReach=false).
};

// Written by policy::run (request plan): what the backend gets instead of what the client sent.
struct HeaderEdit {
  std::string_view name;
  std::string_view value;
  bool removes = false;
  bool appends = false;            // The other side's fields of that name stay too (Vary).
};
struct Shape {
  static constexpr size_t kEditsMax = 32;
  std::array<HeaderEdit, kEditsMax> request_edits;
  std::array<HeaderEdit, kEditsMax> response_edits;
  uint8_t request_edit_count = 0;
  uint8_t response_edit_count = 0;
  std::string_view resource;       // Path to the backend; from Route::resource unless rewritten.
  std::string_view query;          // Without '?'.
  http::Method method = http::Method::Get;
};

// Written by forward() and the upstream leg.
struct UpstreamLeg {
  const fbs::Endpoint* endpoint = nullptr;  // The one that answered or failed last.
  uint16_t status = 0;                      // What the backend answered; 0: nothing.
  uint8_t attempts = 0;
};

// Monotonic nanoseconds of the worker's loop clock; 0: not reached.
struct Timings {
  uint64_t begun = 0;
  uint64_t forwarded = 0;      // Request head handed to the backend connection.
  uint64_t first_byte = 0;     // Response head complete.
  uint64_t finished = 0;
};

struct Exchange {
  Arena arena;
  snapshot::Current::Pin image;
  uint64_t wall_s = 0;         // Wall clock at the head, Unix seconds. Tokens and windows use this.
  uint32_t wall_ms_part = 0;   // Milliseconds within wall_s.

  ClientSide client;
  http::RequestHead request;
  std::string_view request_id;

  Route route;
  Principal principal;
  Throttled throttled;
  Shape shape;
  UpstreamLeg upstream;
  Answer answer;
  Timings timings;

  uint64_t request_body_bytes = 0;
  uint64_t response_body_bytes = 0;
};

}  // namespace apim
