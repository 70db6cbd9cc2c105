// Request id: one name for a request in the log, at the backend and at the client.

#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/arena.h"

namespace apim::gate {

// 1 to 128 bytes of letters, digits and "-_.:/+=@~": safe in every log and header.
bool is_sane_request_id(std::string_view text);

// Makes ids: 32 hex digits that no other process or worker makes.
class RequestIds {
 public:
  RequestIds();  // Seeded by the kernel.

  // In `arena`; empty when it is full.
  std::string_view make(Arena& arena);

 private:
  uint64_t next();
  std::array<char, 16> high_;  // Digits: the half that all ids of this worker share.
  uint64_t state_;
};

}  // namespace apim::gate
