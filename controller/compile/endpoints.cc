#include "compile/endpoints.h"

#include <fmt/format.h>

#include <cmath>
#include <optional>

#include "compile/addresses.h"
#include "model/endpoint_url.h"
#include "schemas/layout.h"

namespace apim::compile {
namespace {

constexpr size_t kEndpointsMax = 64;

// Whether a host is a place where cloud machines find credentials, or on the link itself.
bool is_guarded(std::string host) {
  if (host.ends_with('.')) host.pop_back();
  if (host == "metadata" || host == "metadata.google.internal") return true;
  const std::optional<Address> address = parse_address(host);
  return address.has_value() && is_metadata(*address);
}

void check_tuning(const model::EndpointTuning& tuning, const std::string& where,
                  std::vector<Finding>& findings) {
  const double factor = tuning.suspend_factor;
  if (!std::isfinite(factor) || factor < 0 || factor > 1'000) {
    findings.push_back({where, "its suspension factor is not a number from 0 to 1000"});
  }
}

}  // namespace

std::expected<Backend, std::string> parse_backend(const std::string& url, bool allow_metadata) {
  const auto parts = model::parse_endpoint_url(url);
  if (!parts.has_value()) return std::unexpected(parts.error());
  if (!allow_metadata && is_guarded(parts->host)) {
    return std::unexpected(fmt::format(
        "'{}' points to a link-local or cloud metadata address; egress.allow_metadata permits it",
        url));
  }
  const bool is_ipv6 = parts->host.find(':') != std::string::npos;
  const std::string name = is_ipv6 ? fmt::format("[{}]", parts->host) : parts->host;
  const std::string text =
      fmt::format("{}://{}:{}", parts->tls ? "https" : "http", name, parts->port);
  return Backend{.key = layout::hash_bytes(text),
                 .tls = parts->tls,
                 .host = parts->host,
                 .port = parts->port,
                 .authority = parts->authority,
                 .path = parts->path};
}

std::vector<Backend> lower_group(const model::EndpointGroup& group, const std::string& where,
                                 const Options& options, std::vector<Finding>& findings) {
  std::vector<Backend> backends;
  if (group.endpoints.empty()) findings.push_back({where, "there is none in the list"});
  if (group.endpoints.size() > kEndpointsMax) {
    findings.push_back({where, fmt::format("there are more than {}", kEndpointsMax)});
    return backends;
  }
  for (const model::Endpoint& endpoint : group.endpoints) {
    auto backend = parse_backend(endpoint.url, options.allow_metadata);
    check_tuning(endpoint.tuning, where, findings);
    if (backend.has_value()) {
      backends.push_back(std::move(*backend));
    } else {
      findings.push_back({where, backend.error()});
    }
  }
  return backends;
}

}  // namespace apim::compile
