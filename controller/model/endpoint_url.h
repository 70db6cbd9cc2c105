// EndpointUrl: the address of a backend, taken apart; the one place that says which addresses are
// allowed.

#pragma once

#include <cstdint>
#include <expected>
#include <string>

namespace apim::model {

struct EndpointUrl {
  bool tls = false;
  std::string host;  // lower case; IPv6 without brackets
  uint16_t port = 80;
  std::string authority;  // Host header: port only when it is not the scheme's
  std::string path;       // "" or "/api/v1": never a '/' at the end
  friend bool operator==(const EndpointUrl&, const EndpointUrl&) = default;
};

// http or https, a host, no user info, query, fragment, template or variable. Else why not, for
// people:
// "'htp:/x' is not an endpoint URL: ...".
std::expected<EndpointUrl, std::string> parse_endpoint_url(const std::string& url);

}  // namespace apim::model
