#include "model/endpoint_secrets.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

namespace apim::model {
namespace {

using Json = nlohmann::json;

// endpointConfig, endpoint_security, production, proxyConfigs
constexpr int kSecretDepthMax = 4;
constexpr std::array<std::string_view, 5> kSecrets = {"password", "clientSecret", "apiKeyValue",
                                                      "amznSecretKey", "proxyPassword"};

bool is_secret(const std::string& name) { return std::ranges::count(kSecrets, name) > 0; }

// Calls visit(value, the stored value or null) for every secret in `object`.
template <class Visit>
void each_secret(Json& object, const Json& stored, const Visit& visit, int depth = 1) {
  if (!object.is_object() || depth > kSecretDepthMax) return;
  static const Json nothing;
  for (auto& [name, value] : object.items()) {
    const bool is_known = stored.is_object() && stored.contains(name);
    const Json& before = is_known ? stored[name] : nothing;
    if (is_secret(name)) {
      visit(value, before);
    } else {
      each_secret(value, before, visit, depth + 1);
    }
  }
}

}  // namespace

void blank_secrets(Json& document) {
  if (!document.is_object() || !document.contains("endpointConfig")) return;
  each_secret(document["endpointConfig"], Json(), [](Json& value, const Json&) { value = ""; });
}

std::string keep_secrets(const std::string& document, const std::string& stored) {
  Json fresh = Json::parse(document, nullptr, false);
  const Json before = Json::parse(stored, nullptr, false);
  if (!fresh.is_object() || !fresh.contains("endpointConfig")) return document;
  if (!before.is_object() || !before.contains("endpointConfig")) return document;
  bool kept = false;
  each_secret(fresh["endpointConfig"], before["endpointConfig"],
              [&kept](Json& value, const Json& known) {
                if (!known.is_string() || !(value.is_null() || value == "")) return;
                value = known;
                kept = true;
              });
  return kept ? fresh.dump(-1, ' ', false, Json::error_handler_t::replace) : document;
}

}  // namespace apim::model
