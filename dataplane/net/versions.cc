#include "net/versions.h"

#include <openssl/base.h>
#include <uv.h>

namespace apim::net {

std::string libuv_version_text() { return uv_version_string(); }

std::string boringssl_version_text() { return "API " + std::to_string(BORINGSSL_API_VERSION); }

}  // namespace apim::net
