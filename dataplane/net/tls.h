// TLS: the client side of TLS to backends, as a Stream over another Stream.
//
// TLS 1.2 or newer, the chain checked against the configured authorities, the
// certificate's names against the host; a name is sent as SNI, a literal
// address is checked as an address. There is no switch to check less.
//
// BoringSSL reads from and writes to our own buffers through a BIO of ours, so
// that one read of the socket feeds many records and one writev takes many.

#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/stream.h"

namespace apim::net {

// The trust to check backends against. One per worker; one thread.
class TlsContext {
 public:
  virtual ~TlsContext() = default;

  // `ca_file` is PEM; empty: the system's authorities. Faults: ConfigInvalid, with the reason
  // logged.
  static Result<std::unique_ptr<TlsContext>> open(const std::string& ca_file);

  // Takes over the connected `plain` stream and begins the handshake. `owner` hears on_connected()
  // once the peer is proven, on_broken() if it is not. Null: it could not begin; `plain` has left.
  virtual Stream* secure(Stream* plain, const std::string& host, StreamOwner& owner) = 0;
};

}  // namespace apim::net
