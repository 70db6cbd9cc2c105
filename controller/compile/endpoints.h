// Endpoints: backend URLs split into what a gateway connects to and sends.

#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "compile/compile.h"
#include "compile/report.h"
#include "model/api.h"

namespace apim::compile {

struct Backend {
  uint64_t key = 0;  // layout: endpoint hash
  bool tls = false;
  std::string host;  // lower case; IPv6 without brackets
  uint16_t port = 0;
  std::string authority;  // the Host header to send
  std::string path;       // "" for none, never a trailing '/'
  friend bool operator==(const Backend&, const Backend&) = default;
};

// The error says what is wrong with the URL. Metadata addresses are refused unless
// `allow_metadata`.
std::expected<Backend, std::string> parse_backend(const std::string& url, bool allow_metadata);

// Backends in the group's order. `where` names the group: "production endpoints".
std::vector<Backend> lower_group(const model::EndpointGroup& group, const std::string& where,
                                 const Options& options, std::vector<Finding>& findings);

}  // namespace apim::compile
