// Certificate: the controller's own TLS certificate, made at the first start.
//
// EC P-256, self-signed, for localhost, 127.0.0.1, ::1 and the host's name. apimctl pins its
// fingerprint.

#pragma once

#include <filesystem>
#include <string>

#include "model/problem.h"

namespace apim::rest {

struct Certificate {
  std::filesystem::path certificate_file;  // PEM
  std::filesystem::path key_file;          // PEM, mode 0600
  std::string fingerprint;                 // SHA-256 of the DER, "AB:CD:…"
};

// Reads the pair in `folder`, or makes it when neither file exists. Refuses a key that others may
// read, one half without the other, and halves that do not belong together.
model::Result<Certificate> load_or_make_certificate(const std::filesystem::path& folder);

}  // namespace apim::rest
