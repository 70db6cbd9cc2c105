#include "import/openapi.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "import/defined_operations.h"
#include "import/definition.h"
#include "import/gather.h"
#include "import/tree.h"
#include "model/api_codec.h"
#include "model/ascii.h"
#include "model/field.h"
#include "model/operation_codec.h"

namespace apim::import {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kNotInNames = "~!@#;:%^*()+={}|\\<>\"',&$[]/";

std::string scalar_text_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.is_number() ? value.dump() : "";
}

// "Swagger Petstore (v3)" -> "SwaggerPetstorev3": each word begins large, blanks and forbidden
// characters go.
std::string name_of_title(const std::string& title) {
  std::string result;
  bool begins = true;
  for (const char c : title) {
    if (c == ' ' || c == '\t') {
      begins = true;
    } else if (kNotInNames.find(c) == std::string_view::npos &&
               static_cast<unsigned char>(c) >= 0x20) {
      result += begins && c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
      begins = false;
    }
  }
  return result;
}

// "/" and the letters, digits, '-', '_' and '.' of a name, small.
std::string context_of_name(const std::string& name) {
  std::string result = "/";
  for (const char c : name) {
    if (model::is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.') {
      result += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
  }
  return result;
}

// servers[0].url with its variables' defaults put in.
std::string server_url(const Definition& definition) {
  const Json& root = definition.root();
  if (definition.is_swagger2) {
    const std::string host = scalar_text_of(member(root, "host"));
    if (host.empty()) return "";
    const Json& schemes = member(root, "schemes");
    const bool http_first = schemes.is_array() && !schemes.empty() && schemes.front() == "http";
    return (http_first ? "http://" : "https://") + host + scalar_text_of(member(root, "basePath"));
  }
  const Json& servers = member(root, "servers");
  if (!servers.is_array() || servers.empty()) return "";
  std::string url = scalar_text_of(member(servers.front(), "url"));
  const Json& variables = member(servers.front(), "variables");
  if (variables.is_object()) {
    for (const auto& [name, variable] : variables.items()) {
      const std::string place = "{" + name + "}";
      const size_t at = url.find(place);
      if (at != std::string::npos)
        url.replace(at, place.size(), scalar_text_of(member(variable, "default")));
    }
  }
  return url.starts_with('/') ? "" : url;  // relative to where the document lay: says nothing here
}

struct Part {
  nlohmann::json value;
  std::string pointer;  // where the document says so
};

// {urls: [...], type: loadbalance|load_balance|failover}, or one url.
void put_endpoints(const Json& extension, const std::string& kind, nlohmann::json& config) {
  std::vector<nlohmann::json> endpoints;
  const Json& urls = member(extension, "urls");
  if (urls.is_array()) {
    for (const Json& url : urls) endpoints.push_back({{"url", nlohmann::json(url)}});
  }
  if (endpoints.empty()) return;
  const std::string type = scalar_text_of(member(extension, "type"));
  if (endpoints.size() == 1) {
    config[kind + "_endpoints"] = endpoints.front();
  } else if (type == "failover") {
    config["endpoint_type"] = "failover";
    config[kind + "_endpoints"] = endpoints.front();
    config[kind + "_failovers"] = std::vector(endpoints.begin() + 1, endpoints.end());
  } else {
    config["endpoint_type"] = "load_balance";
    config[kind + "_endpoints"] = endpoints;
  }
}

// One object stands for a list of one where the other key type has a list.
void even_out(nlohmann::json& config) {
  if (config.value("endpoint_type", "") != "load_balance") return;
  for (const char* const key : {"production_endpoints", "sandbox_endpoints"}) {
    if (config.contains(key) && config[key].is_object())
      config[key] = nlohmann::json::array({config[key]});
  }
}

// Turns what the document says into an API document, and remembers where each part came from.
class Describer {
 public:
  Describer(const Definition& definition, const OpenApiArguments& arguments)
      : definition_(definition), arguments_(arguments), locator_(definition.tree, "") {}

  void describe() {
    put_identity();
    put_access();
    put_endpoints_of_both();
    document_["operations"] = operations_document(definition_);
    locate_operations(definition_, "/operations", locator_);
    document_["scopes"] = scopes_document(definition_);
  }
  nlohmann::json& document() { return document_; }
  const TreeLocator& locator() const { return locator_; }

 private:
  const Json& extension(const std::string& name) const { return member(definition_.root(), name); }

  void put(const char* key, nlohmann::json value, const std::string& from) {
    document_[key] = std::move(value);
    locator_.replace(std::string("/") + key, definition_.tree, from);
  }

  void put_identity() {
    const Json& info = extension("info");
    const std::string title = name_of_title(scalar_text_of(member(info, "title")));
    const std::string name = arguments_.name.empty() ? title : arguments_.name;
    put("name", name, "/info/title");
    put("version",
        arguments_.version.empty() ? scalar_text_of(member(info, "version")) : arguments_.version,
        "/info/version");
    if (const std::string text = scalar_text_of(member(info, "description")); !text.empty())
      put("description", text, "/info/description");
    std::string context = arguments_.context.empty() ? scalar_text_of(extension("x-wso2-basePath"))
                                                     : arguments_.context;
    put("context", context.empty() ? context_of_name(name) : context, "/x-wso2-basePath");
    nlohmann::json tags = nlohmann::json::array();
    if (extension("tags").is_array()) {
      for (const Json& tag : extension("tags")) {
        if (const std::string tag_name = scalar_text_of(member(tag, "name")); !tag_name.empty())
          tags.push_back(tag_name);
      }
    }
    put("tags", tags, "/tags");
  }

  void put_access() {
    const auto copy = [&](const char* name, const char* key) {
      if (!extension(name).is_null()) put(key, extension(name), std::string("/") + name);
    };
    copy("x-wso2-auth-header", "authorizationHeader");
    copy("x-wso2-api-key-header", "apiKeyHeader");
    copy("x-wso2-cors", "corsConfiguration");
    copy("x-wso2-throttling-tier", "apiThrottlingPolicy");
    if (const Json& transports = extension("x-wso2-transports"); transports.is_string()) {
      put("transport", split(scalar_text_of(transports)), "/x-wso2-transports");
    } else {
      copy("x-wso2-transports", "transport");
    }
    const Json& cache = extension("x-wso2-response-cache");
    if (cache.is_object()) {
      put("responseCachingEnabled", member(cache, "enabled"), "/x-wso2-response-cache/enabled");
      put("cacheTimeout", member(cache, "cacheTimeoutInSeconds"),
          "/x-wso2-response-cache/cacheTimeoutInSeconds");
    }
    put_security();
  }

  static std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> result;
    for (size_t begin = 0; begin <= text.size();) {
      const size_t end = std::min(text.find(',', begin), text.size());
      std::string part = text.substr(begin, end - begin);
      std::erase(part, ' ');
      if (!part.empty()) result.push_back(part);
      begin = end + 1;
    }
    return result;
  }

  // x-wso2-application-security says it; else the document's own API key schemes add api_key to
  // WSO2's default.
  void put_security() {
    nlohmann::json schemes = nlohmann::json::array();
    const Json& application = extension("x-wso2-application-security");
    const Json& types = member(application, "security-types");
    std::string from = "/x-wso2-application-security";
    if (types.is_array()) {
      for (const Json& type : types) schemes.push_back(nlohmann::json(type));
      const Json& optional = member(application, "optional");
      if (!(optional.is_boolean() && optional.get<bool>()))
        schemes.push_back("oauth_basic_auth_api_key_mandatory");
    } else {
      schemes = {"oauth2", "oauth_basic_auth_api_key_mandatory"};
      from = definition_.is_swagger2 ? "/securityDefinitions" : "/components/securitySchemes";
      if (has_api_key_scheme()) schemes.insert(schemes.begin() + 1, "api_key");
    }
    const std::string mutual = scalar_text_of(extension("x-wso2-mutual-ssl"));
    if (!mutual.empty()) schemes.push_back("mutualssl");
    if (mutual == "mandatory") schemes.push_back("mutualssl_mandatory");
    put("securityScheme", schemes, from);
  }

  bool has_api_key_scheme() const {
    const Json& schemes = definition_.is_swagger2
                              ? extension("securityDefinitions")
                              : member(extension("components"), "securitySchemes");
    return schemes.is_object() &&
           std::any_of(schemes.begin(), schemes.end(), [](const Json& scheme) {
             return scalar_text_of(member(scheme, "type")) == "apiKey";
           });
  }

  void put_endpoints_of_both() {
    nlohmann::json config = {{"endpoint_type", "http"}};
    const std::string url =
        arguments_.endpoint.empty() ? server_url(definition_) : arguments_.endpoint;
    locator_.replace("/endpointConfig", definition_.tree,
                     definition_.is_swagger2 ? "/host" : "/servers/0/url");
    if (arguments_.endpoint.empty() && extension("x-wso2-production-endpoints").is_object()) {
      put_endpoints(extension("x-wso2-production-endpoints"), "production", config);
      locator_.replace("/endpointConfig/production_endpoints", definition_.tree,
                       "/x-wso2-production-endpoints");
    } else if (!url.empty()) {
      config["production_endpoints"] = {{"url", url}};
    }
    if (!arguments_.sandbox_endpoint.empty()) {
      config["sandbox_endpoints"] = {{"url", arguments_.sandbox_endpoint}};
    } else if (extension("x-wso2-sandbox-endpoints").is_object()) {
      put_endpoints(extension("x-wso2-sandbox-endpoints"), "sandbox", config);
      locator_.replace("/endpointConfig/sandbox_endpoints", definition_.tree,
                       "/x-wso2-sandbox-endpoints");
    }
    even_out(config);
    if (config.size() > 1) document_["endpointConfig"] = config;
  }

  const Definition& definition_;
  const OpenApiArguments& arguments_;
  TreeLocator locator_;
  nlohmann::json document_ = nlohmann::json::object();
};

}  // namespace

model::Result<Project> read_openapi(const std::string& document, const std::string& file,
                                    const OpenApiArguments& arguments,
                                    const nlohmann::json& additional) {
  ASSIGN_OR_REFUSE(const Definition definition, read_definition(document, file));
  Describer describer(definition, arguments);
  describer.describe();
  if (!additional.is_null() && !additional.is_object()) {
    return model::refuse(model::bad_request(900754, "The API is not valid",
                                            "additionalProperties must be an object"));
  }
  if (additional.is_object()) {
    for (const auto& [key, value] : additional.items()) {
      if (!value.is_null()) describer.document()[key] = value;
    }
  }
  ASSIGN_OR_REFUSE(model::ReadApi read,
                   model::read_api(describer.document(), &describer.locator()));
  Project project;
  project.api = std::move(read.api);
  project.api.definition = definition.text();
  project.warnings = std::move(read.warnings);
  return project;
}

model::Result<Project> read_openapi(const std::string& document, const std::string& file,
                                    const OpenApiArguments& arguments) {
  return read_openapi(document, file, arguments, nlohmann::json());
}

model::Result<std::vector<model::Operation>> operations_of(const std::string& text,
                                                           const std::string& file) {
  ASSIGN_OR_REFUSE(const Definition definition, read_definition(text, file));
  TreeLocator locator(definition.tree, "");
  locate_operations(definition, "", locator);
  model::FieldReport report(&locator, "operations");
  const nlohmann::json document = operations_document(definition);
  std::vector<model::Operation> operations = model::read_operations(model::Field(document, report));
  if (!report.findings.empty()) {
    return model::refuse(
        model::invalid(900754, "The OpenAPI document is not valid", std::move(report.findings)));
  }
  return operations;
}

model::Result<std::string> normalise_definition(const std::string& text, const std::string& file) {
  ASSIGN_OR_REFUSE(const Definition definition, read_definition(text, file));
  return definition.text();
}

std::string make_definition(const model::Api& api) {
  Json paths = Json::object();
  for (const model::Operation& operation : api.operations) {
    Json parameters = Json::array();
    for (size_t open = operation.target.find('{'); open != std::string::npos;
         open = operation.target.find('{', open + 1)) {
      const size_t close = operation.target.find('}', open);
      if (close == std::string::npos) break;
      std::string name = operation.target.substr(open + 1, close - open - 1);
      if (name.starts_with('+')) name.erase(0, 1);
      parameters.push_back(
          {{"name", name}, {"in", "path"}, {"required", true}, {"schema", {{"type", "string"}}}});
    }
    std::string verb = model::to_text(operation.verb);
    for (char& c : verb) c = static_cast<char>(c + 32);
    Json described = {{"responses", {{"200", {{"description", "ok"}}}}},
                      {"x-auth-type", model::to_text(operation.auth)}};
    if (!operation.throttling_policy.empty())
      described["x-throttling-tier"] = operation.throttling_policy;
    if (!parameters.empty()) described["parameters"] = parameters;
    paths[operation.target][verb] = std::move(described);
  }
  const Json document = {{"openapi", "3.0.1"},
                         {"info", {{"title", api.name}, {"version", api.version}}},
                         {"paths", std::move(paths)}};
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace apim::import
