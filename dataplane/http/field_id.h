// Field id: the field names that mean something to the gateway, and what they mean.

#pragma once

#include <string_view>

#include "http/head.h"

namespace apim::http {

// The well-known id of a field name, any case; Other when there is none. Every X-Forwarded-* name
// has one.
FieldId field_id(std::string_view name);

// The id of the field that some backends take `name` for: '_' and '.' read as '-', as CGI's way of
// naming variables does.
FieldId aliased_field_id(std::string_view name);

// RFC 9110 7.6.1 and what framing decides: never forwarded.
bool is_hop_by_hop(FieldId id);

// What proxies say of the way a request came.
bool is_forwarding(FieldId id);

// Fields nobody may make us drop by naming them in Connection.
bool is_protected_from_connection(FieldId id);

}  // namespace apim::http
