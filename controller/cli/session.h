// Session: which controller apimctl speaks to, as whom, and the certificate it expects there.
//
// Kept in $APIM_CONFIG_DIR/config.json, or ~/.apimctl/config.json, readable by its owner only.

#pragma once

#include <filesystem>
#include <string>

#include "cli/outcome.h"

namespace apim::cli {

struct Session {
  std::string url;  // "https://host:9443"
  std::string user;
  std::string password;
  std::string fingerprint;  // SHA-256 of the certificate, "AB:CD:…"; "" = not pinned yet
};

struct Address {
  std::string host;
  int port = 9443;
};

// The folder the session is kept in; refuses when neither variable nor home is known.
Outcome<std::filesystem::path> session_dir();

Outcome<Session> load_session(const std::filesystem::path& dir);

// Writes a new file of mode 0600 and puts it in the old one's place.
Outcome<void> save_session(const std::filesystem::path& dir, const Session& session);

// "https://host[:port]" only: the password must not travel in clear.
Outcome<Address> parse_url(const std::string& url);

// "http://host[:port]" only: a gateway's admin port, 9190 unless given.
Outcome<Address> parse_admin_url(const std::string& url);

// "ab:cd…" or "abcd…" in any case -> "AB:CD:…" of 32 bytes.
Outcome<std::string> parse_fingerprint(const std::string& text);

}  // namespace apim::cli
