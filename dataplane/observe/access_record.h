// Access record: what the access log says about one exchange, and the line it becomes.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/address.h"
#include "base/result.h"

namespace apim::observe {

// What finish() fills in. An empty view or a zero means "not known" and is left out of the line.
struct AccessRecord {
  uint64_t wall_ms = 0;  // Unix time of the request's head.
  uint64_t duration_us = 0;
  uint64_t backend_us = 0;     // Until the back end's response head.
  uint64_t request_bytes = 0;  // Bodies only.
  uint64_t response_bytes = 0;
  uint64_t epoch = 0;  // Of the image that decided.
  Address client;
  uint32_t application_id = 0;
  uint16_t backend_port = 0;            // 0: not forwarded.
  uint16_t status = 0;                  // 0: the client vanished before an answer.
  FaultCode fault = FaultCode::kCount;  // kCount: none.
  uint8_t worker = 0;
  bool has_query = false;  // Its content is never logged: it may hold credentials.
  bool truncated = false;  // Set by AccessRing::push() when a text was cut.

  std::string_view method;    // "GET"
  std::string_view key_type;  // "PRODUCTION", "SANDBOX"; empty: no key
  std::string_view request_id;
  std::string_view host;
  std::string_view path;  // Canonical, without query.
  std::string_view api_name;
  std::string_view api_version;
  std::string_view api_uuid;
  std::string_view resource;      // The operation's template: "/order/{id}"
  std::string_view application;   // Its name.
  std::string_view backend_host;  // Of the endpoint that answered or failed last; without brackets.
};

// Every text of a record, how many of its bytes are kept, and how many bytes of the line it may
// take.
struct AccessText {
  std::string_view AccessRecord::*member;
  uint16_t bytes_max;
  uint16_t line_bytes_max;
};
inline constexpr std::array<AccessText, 11> kAccessTexts{{
    {&AccessRecord::method, 16, 32},
    {&AccessRecord::key_type, 16, 32},
    {&AccessRecord::request_id, 128, 192},
    {&AccessRecord::host, 255, 320},
    {&AccessRecord::path, 1024, 1300},
    {&AccessRecord::api_name, 128, 192},
    {&AccessRecord::api_version, 64, 96},
    {&AccessRecord::api_uuid, 40, 48},
    {&AccessRecord::resource, 512, 640},
    {&AccessRecord::application, 128, 192},
    {&AccessRecord::backend_host, 128, 192},
}};

inline constexpr size_t kLineBytesMax = 4096;  // With its newline.

// The line for `record`, ending in a newline, into `line` (kLineBytesMax bytes). A text that is too
// long is cut and "truncated":true is set. Pure. Returns the line's length.
size_t format_line(const AccessRecord& record, char* line);

}  // namespace apim::observe
