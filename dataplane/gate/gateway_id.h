// Gateway id: how this gateway is called in the hub, stable over restarts.

#pragma once

#include <expected>
#include <string>

namespace apim::gate {

std::string host_name();

// `wanted` if it is not empty (letters, digits, "._-", at most 128); else what CACHE_DIR/gateway.id
// holds; else the host name with random digits, which is written there. The error is one line for
// people.
std::expected<std::string, std::string> gateway_id(const std::string& wanted,
                                                   const std::string& cache_dir);

}  // namespace apim::gate
