#include "gate/client_side.h"

#include "http/field_id.h"
#include "http/token_list.h"

namespace apim::gate {
namespace {

using http::FieldId;

bool is_trusted(const Address& address, std::span<const AddressRange> ranges) {
  for (const AddressRange& range : ranges) {
    if (range.holds(address)) return true;
  }
  return false;
}

// Walks the list from its end: each hop is believed as far as the one that wrote it.
Address last_untrusted(std::string_view list, const Address& peer,
                       std::span<const AddressRange> ranges) {
  Address found = peer;
  while (!list.empty() && is_trusted(found, ranges)) {
    const size_t comma = list.rfind(',');
    const std::string_view member =
        http::trimmed(comma == std::string_view::npos ? list : list.substr(comma + 1));
    const auto address = parse_address(member);
    if (!address) break;
    found = *address;
    list = comma == std::string_view::npos ? std::string_view() : list.substr(0, comma);
  }
  return found;
}

}  // namespace

void find_client(Exchange& x, std::span<const AddressRange> trusted_proxies) {
  x.client.address = x.client.peer;
  const bool is_proxy = !trusted_proxies.empty() && is_trusted(x.client.peer, trusted_proxies);
  http::Field* hops = nullptr;
  for (http::Field& field : x.request.fields) {
    if (!http::is_forwarding(field.id)) continue;
    if (!is_proxy) field.dropped = true;
    if (field.id != FieldId::XForwardedFor) continue;
    // Only the line written last was written by the proxy we trust.
    if (hops != nullptr) hops->dropped = true;
    hops = &field;
  }
  if (is_proxy && hops != nullptr)
    x.client.address = last_untrusted(hops->value, x.client.peer, trusted_proxies);
}

}  // namespace apim::gate
