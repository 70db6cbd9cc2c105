// Egress: which addresses an endpoint may name. Link-local and cloud metadata addresses hand out
// credentials.

#pragma once

#include <string>

namespace apim::service {

// Whether the host of `url` is written as an address in 169.254.0.0/16, fe80::/10 or is
// fd00:ec2::254 (in any spelling an operating system accepts: octal, hexadecimal, one number, IPv4
// inside IPv6), or is a name that stands for one (metadata.google.internal).
bool is_metadata_address(const std::string& url);

}  // namespace apim::service
