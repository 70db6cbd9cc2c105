// Client side: who the client is, behind proxies we trust or not.

#pragma once

#include <span>

#include "exchange/exchange.h"

namespace apim::gate {

// Fills x.client.address from x.client.peer and, if that is a trusted proxy, from X-Forwarded-For:
// its last address that is no trusted proxy. From anybody else the forwarding fields are lies: they
// are dropped.
void find_client(Exchange& x, std::span<const AddressRange> trusted_proxies);

}  // namespace apim::gate
