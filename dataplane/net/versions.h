// Versions: the libraries below net, for --version.

#pragma once

#include <string>

namespace apim::net {

std::string libuv_version_text();
std::string boringssl_version_text();

}  // namespace apim::net
