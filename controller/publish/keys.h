// Keys: the Ed25519 pair that signs this controller's snapshots.
//
// Made at the first start: `DIR/snapshot.key` (0600, base64 of the seed) and
// `DIR/snapshot.pub` (base64 of 32 bytes). Gateways pin the second.

#pragma once

#include <string>

#include "compile/manifest.h"
#include "model/problem.h"

namespace apim::publish {

// Reads the pair, or makes it when there is none. Refuses a key file that others may read.
model::Result<compile::SigningKey> load_or_make_keys(const std::string& directory);

// Reads a public key's text file.
model::Result<compile::PublicKey> load_public_key(const std::string& file);

}  // namespace apim::publish
