#include "model/kept_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>

namespace apim::model {
namespace {

enum class Kind : uint8_t { Text, Choice, Flag, Number, Texts, Object, List };

// `usual` is what needs no word: the value of a Text, Choice or Flag, the only item of Texts, else
// "empty".
struct Kept {
  const char* path;
  Kind kind;
  const char* usual;
  const char* warning;       // nullptr: kept in silence
  const char* choices = "";  // Choice: "A|B"
};

constexpr const char* kNotEnforced = "is kept, but the gateway does not enforce it yet";

constexpr Kept kKeptFields[] = {
    {"id", Kind::Text, "", nullptr},
    {"displayName", Kind::Text, "", nullptr},
    {"wsdlInfo", Kind::Object, "", nullptr},
    {"wsdlUrl", Kind::Text, "", nullptr},
    {"responseCachingEnabled", Kind::Flag, "false",
     "is kept, but the gateway does not cache responses yet"},
    {"cacheTimeout", Kind::Number, "", nullptr},
    {"hasThumbnail", Kind::Flag, "", nullptr},
    {"isRevision", Kind::Flag, "", nullptr},
    {"revisionedApiId", Kind::Text, "", nullptr},
    {"revisionId", Kind::Number, "", nullptr},
    {"enableSchemaValidation", Kind::Flag, "false",
     "is kept, but the gateway does not check bodies against the definition yet"},
    {"enableSubscriberVerification", Kind::Flag, "false", kNotEnforced},
    {"audience", Kind::Choice, "PUBLIC", nullptr, "PUBLIC|SINGLE"},
    {"audiences", Kind::Texts, "all",
     "is kept, but the gateway does not check the audience of tokens yet"},
    {"organizationPolicies", Kind::List, "", kNotEnforced},
    {"maxTps.tokenBasedThrottlingConfiguration.isTokenBasedThrottlingEnabled", Kind::Flag, "false",
     kNotEnforced},
    {"visibility", Kind::Choice, "PUBLIC",
     "is kept, but the developer portal shows the API to everybody yet",
     "PUBLIC|PRIVATE|RESTRICTED"},
    {"visibleRoles", Kind::Texts, "", kNotEnforced},
    {"visibleTenants", Kind::Texts, "", kNotEnforced},
    {"visibleOrganizations", Kind::Texts, "none", kNotEnforced},
    {"mediationPolicies", Kind::List, "",
     "are mediation sequences of API Manager 3.x; kept, but the gateway does not run them"},
    {"subscriptionAvailability", Kind::Choice, "CURRENT_TENANT", kNotEnforced,
     "CURRENT_TENANT|ALL_TENANTS|SPECIFIC_TENANTS"},
    {"subscriptionAvailableTenants", Kind::Texts, "", kNotEnforced},
    {"additionalPropertiesMap", Kind::Object, "", nullptr},
    {"monetization.enabled", Kind::Flag, "false", kNotEnforced},
    {"monetization.properties", Kind::Object, "", nullptr},
    {"accessControl", Kind::Choice, "NONE", kNotEnforced, "NONE|RESTRICTED"},
    {"accessControlRoles", Kind::Texts, "", kNotEnforced},
    {"businessInformation.businessOwner", Kind::Text, "", nullptr},
    {"businessInformation.businessOwnerEmail", Kind::Text, "", nullptr},
    {"businessInformation.technicalOwner", Kind::Text, "", nullptr},
    {"businessInformation.technicalOwnerEmail", Kind::Text, "", nullptr},
    {"websubSubscriptionConfiguration.enable", Kind::Flag, "false", kNotEnforced},
    {"primaryProductionEndpointId", Kind::Text, "", "is kept, but endpoints.yaml is not read yet"},
    {"primarySandboxEndpointId", Kind::Text, "", "is kept, but endpoints.yaml is not read yet"},
    {"subtypeConfiguration.subtype", Kind::Choice, "DEFAULT",
     "is kept, but the gateway serves the API as a plain HTTP API", "DEFAULT|AIAPI"},
    {"threatProtectionPolicies.list", Kind::List, "", kNotEnforced},
    {"categories", Kind::Texts, nullptr, nullptr},
    {"keyManagers", Kind::Texts, "all",
     "is kept, but the gateway does not check the key manager of tokens yet"},
    {"serviceInfo", Kind::Object, "", nullptr},
    {"gatewayVendor", Kind::Choice, "wso2",
     "is kept; the API is deployed to apim's gateways all the same", "wso2|external|solace"},
    {"gatewayType", Kind::Text, "wso2/synapse",
     "is kept; the API is deployed to apim's gateways all the same"},
    {"asyncTransportProtocols", Kind::Texts, "", kNotEnforced},
    {"egress", Kind::Flag, "false", kNotEnforced},
    {"initiatedFromGateway", Kind::Flag, "", nullptr},
};

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(separator, begin), text.size());
    parts.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

// True when the value is what needs no word.
bool check_text(const Field& field, const Kept& kept) {
  const std::string text = field.text("", {.many_lines = kept.kind == Kind::Text});
  if (text.empty() || !field.is_text()) return true;
  if (kept.kind == Kind::Choice) {
    const std::vector<std::string> choices = split(kept.choices, '|');
    std::string upper = text;
    const bool lower_case_choices = std::string_view(kept.choices).starts_with("wso2");
    for (char& c : upper) {
      if (!lower_case_choices && c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    }
    if (std::find(choices.begin(), choices.end(), upper) == choices.end()) {
      field.refuse(fmt::format("is {}; it must be {}", shown(text), one_of(choices)));
      return true;
    }
    return upper == kept.usual;
  }
  return text == kept.usual;
}

bool check_value(const Field& field, const Kept& kept) {
  switch (kept.kind) {
    case Kind::Text:
    case Kind::Choice: return check_text(field, kept);
    case Kind::Flag: return !field.flag(false);
    case Kind::Number: field.number(0, 0, UINT32_MAX); return true;
    case Kind::Texts: {
      const std::vector<std::string> texts = field.texts({});
      return texts.empty() ||
             (texts.size() == 1 && kept.usual != nullptr && texts.front() == kept.usual);
    }
    case Kind::Object: return field.members().empty();
    case Kind::List: return field.items().empty();
  }
  return true;
}

void check_properties(const Field& list) {
  // Exports of some versions have the map form here.
  if (list.is_object()) return;
  for (const Field& item : list.items()) {
    if (!item.is_object()) {
      item.refuse("must be an object with name and value");
      continue;
    }
    if (!item["name"].present()) item["name"].refuse("is missing");
    item["name"].text("", {.bytes_min = 1, .bytes_max = 255});
    item["value"].text("", {.many_lines = true});
    item["display"].flag(false);
  }
}

void check_implementation(const Field& field) {
  const std::string text = field.text("ENDPOINT");
  if (text.empty() || text == "ENDPOINT") return;
  if (text == "INLINE" || text == "MOCKED_OAS") {
    field.refuse(fmt::format(
        "{} (answers made by the gateway) is not supported; use ENDPOINT with a backend", text));
  } else {
    field.refuse(fmt::format("is {}; it must be ENDPOINT", shown(text)));
  }
}

}  // namespace

void check_kept_fields(const Field& data) {
  std::set<std::string> refused;
  for (const Kept& kept : kKeptFields) {
    Field field = data;
    bool reached = true;
    for (const std::string& part : split(kept.path, '.')) {
      reached = !field.present() || field.is_object();
      if (!reached) break;
      field = field[part];
    }
    if (!reached) {
      if (refused.insert(field.pointer()).second) field.members();  // refuses the type
    } else if (field.present() && !check_value(field, kept) && kept.warning != nullptr) {
      field.warn(kept.warning);
    }
  }
  check_properties(data["additionalProperties"]);
  check_implementation(data["endpointImplementationType"]);
}

}  // namespace apim::model
