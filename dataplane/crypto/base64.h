// Base64: RFC 4648 section 4, strict: padding required, no other characters, no stray bits at the
// end.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace apim::crypto {

std::optional<std::vector<uint8_t>> decode_base64(std::string_view text);

}  // namespace apim::crypto
