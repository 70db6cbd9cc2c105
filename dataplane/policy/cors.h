// Cors: which origins may read an answer in a browser. Per API, else the gateway's own settings.

#pragma once

#include <string>
#include <vector>

#include "exchange/exchange.h"

namespace apim::policy {

// The gateway's settings; WSO2's defaults.
struct CorsSettings {
  bool enabled = true;
  std::vector<std::string> origins{"*"};
  std::vector<std::string> methods{"GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS"};
  std::vector<std::string> headers{"authorization", "Access-Control-Allow-Origin",
                                   "Content-Type",  "SOAPAction",
                                   "apikey",        "Internal-Key"};
  bool credentials = false;
};

// Adds Access-Control-* and Vary to x.shape.response_edits. On a preflight (Answer without fault)
// also the allowed methods (configured and declared on the path) and headers. Does nothing before
// an API is matched. Vary appends to the backend's own. False: there is no room for all of them.
bool add_cors(Exchange& x, const CorsSettings& settings);

}  // namespace apim::policy
