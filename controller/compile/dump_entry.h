// DumpEntry: one API, application, policy or key of a segment as JSON.

#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "apis_generated.h"
#include "consumers_generated.h"
#include "keys_generated.h"
#include "limits_generated.h"
#include "routes_generated.h"

namespace apim::compile {

nlohmann::json dump_api(const fbs::Api& api);
nlohmann::json dump_policy(const fbs::ThrottlePolicy& policy);
nlohmann::json dump_deny(const fbs::Deny& deny);
nlohmann::json dump_application(const fbs::Application& application);
nlohmann::json dump_key(const fbs::KeyEntry& entry, const fbs::Keys& keys);

// "5000 requests per minute", "unlimited"
std::string limit_text(const fbs::Limit* limit_or_null);

}  // namespace apim::compile
