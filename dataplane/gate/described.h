// Described: a request that somebody asks about, as a form's fields say it.
//
//   method=GET & url=http://host/path?query & header=Name: value & ... & key=... & client=10.0.0.1
//
// A form (application/x-www-form-urlencoded) and not JSON: curl makes one, and
// it needs no parser of its own. Read strictly: an unknown or repeated field is
// an error, never left out silently. What the fields describe is not judged
// here: its bytes go to the wire's own parser.

#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"

namespace apim::gate {

struct Described {
  std::string method;
  std::string url;
  std::vector<std::string> headers;  // "Name: value", in order.
  std::string key;                   // An API key, placed by the gateway; empty: none.
  std::string key_header;            // Where; empty: where the matched API looks for it.
  Address client;
};

// The error is one line for people; it never holds a value that was sent.
std::expected<Described, std::string> parse_described(std::string_view form);

// A head as it would come over the wire.
struct DescribedHead {
  std::string bytes;
  bool is_tls = false;
};

// The request's bytes. `key_header` empty: without the key. A field named Host replaces the URL's,
// as with curl. The error is one line for people: the URL is none, or a line end stands inside a
// field.
std::expected<DescribedHead, std::string> to_head(const Described& described,
                                                  std::string_view key_header);

}  // namespace apim::gate
