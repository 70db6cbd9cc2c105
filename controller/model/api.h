// Api: one API as its publisher describes it (WSO2's `data` of api.yaml).
//
// The typed fields are what the controller decides by. `document` keeps the
// whole description as JSON, unknown and not yet enforced fields included, so
// that export and GET give back what came in; the typed fields win over it.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/limit.h"

namespace apim::model {

enum class Lifecycle : uint8_t { Created, Prototyped, Published, Blocked, Deprecated, Retired };
enum class AuthType : uint8_t { Any, Application, ApplicationUser, None };
enum class Verb : uint8_t { Get, Head, Post, Put, Delete, Patch, Options, Trace };
enum class Flow : uint8_t { Request, Response, Fault };

struct OperationPolicy {
  std::string name;                               // "addHeader"
  std::string version;                            // "v3"
  std::string type;                               // "common" | "api"
  std::map<std::string, std::string> parameters;  // values as text
  friend bool operator==(const OperationPolicy&, const OperationPolicy&) = default;
};

struct PolicyFlows {
  std::vector<OperationPolicy> request;
  std::vector<OperationPolicy> response;
  std::vector<OperationPolicy> fault;
  bool empty() const { return request.empty() && response.empty() && fault.empty(); }
  friend bool operator==(const PolicyFlows&, const PolicyFlows&) = default;
};

struct Operation {
  std::string target;  // "/order/{orderId}"; starts with '/'
  Verb verb = Verb::Get;
  AuthType auth = AuthType::Any;
  std::string throttling_policy;  // advanced policy's name; "" or "Unlimited" = none
  std::vector<std::string> scopes;
  PolicyFlows policies;
  friend bool operator==(const Operation&, const Operation&) = default;
};

struct Scope {
  std::string name;
  std::string display_name;
  std::string description;
  std::vector<std::string> roles;
  bool shared = false;
  friend bool operator==(const Scope&, const Scope&) = default;
};

enum class Balance : uint8_t { Single, RoundRobin, Failover };

// WSO2's per-endpoint `config`; absent values are the defaults of reference 2.10.
struct EndpointTuning {
  uint32_t timeout_ms = 0;  // actionDuration; 0 = the gateway's default
  uint32_t suspend_ms = 0;  // suspendDuration; 0 = never suspended
  uint32_t suspend_max_ms = 0;
  double suspend_factor = 1.0;
  std::vector<uint32_t> suspend_codes;
  std::vector<uint32_t> retry_codes;  // retryErroCode
  uint16_t retry_count = 0;           // retryTimeOut
  uint32_t retry_delay_ms = 0;
  friend bool operator==(const EndpointTuning&, const EndpointTuning&) = default;
};

struct Endpoint {
  std::string url;  // checked: http or https, a host, no userinfo, no fragment
  EndpointTuning tuning;
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

struct EndpointGroup {
  Balance balance = Balance::Single;
  std::vector<Endpoint> endpoints;  // Failover: the primary first
  friend bool operator==(const EndpointGroup&, const EndpointGroup&) = default;
};

struct Cors {
  std::vector<std::string> origins;
  std::vector<std::string> methods;
  std::vector<std::string> headers;
  bool credentials = false;
  friend bool operator==(const Cors&, const Cors&) = default;
};

struct Security {  // `securityScheme` resolved as reference 2.4
  bool oauth2 = true;
  bool api_key = false;
  bool basic = false;
  bool mutual_tls = false;
  bool application_mandatory = true;
  bool mutual_tls_mandatory = false;
  friend bool operator==(const Security&, const Security&) = default;
};

struct Api {
  // Identity; assigned by the store.
  uint32_t id = 0;  // API_ID; 0 = not stored yet
  std::string uuid;
  std::string tenant = "carbon.super";

  std::string name;
  std::string version;
  std::string context;           // expanded, with version: "/pizza/1.0.0"
  std::string context_template;  // "/pizza/{version}"
  std::string provider;
  std::string description;
  std::string type = "HTTP";
  Lifecycle lifecycle = Lifecycle::Created;
  bool is_default_version = false;
  bool http = true;  // transport
  bool https = true;
  std::vector<std::string> tags;
  std::vector<std::string> policies;  // business plans offered
  std::string throttling_policy;      // apiThrottlingPolicy; "" = none
  std::string authorization_header = "Authorization";
  std::string api_key_header = "ApiKey";
  Security security;
  Limit production_max_tps;
  Limit sandbox_max_tps;
  std::optional<Cors> cors;  // only when corsConfigurationEnabled
  std::vector<Scope> scopes;
  std::vector<Operation> operations;
  PolicyFlows policies_of_api;  // apiPolicies
  std::optional<EndpointGroup> production;
  std::optional<EndpointGroup> sandbox;
  bool advertise_only = false;  // advertiseInfo.advertised: listed, never deployed
  int64_t created_ms = 0;
  int64_t updated_ms = 0;

  std::string document;    // JSON object text: the whole `data`
  std::string definition;  // OpenAPI text (JSON), "" = none
};

// A field the controller keeps but no gateway enforces yet, or a remark.
struct Warning {
  std::string field;    // "data.enableSchemaValidation"
  std::string message;  // "is kept but not enforced by the gateway yet"
};

struct Revision {
  std::string uuid;
  std::string api_uuid;
  uint32_t number = 0;  // "Revision 3" is 3; never reused within an API
  std::string description;
  int64_t created_ms = 0;
  std::string created_by;
  std::string document;  // the API's document at that moment
  std::string definition;
};

struct Deployment {
  std::string api_uuid;
  std::string revision_uuid;
  std::string environment;  // "Default"
  std::string vhost;        // "localhost"
  bool shown_in_devportal = true;
  int64_t deployed_ms = 0;
};

struct Environment {
  std::string uuid;
  std::string name;
  std::string display_name;
  std::string description;
  std::vector<std::string> vhosts;  // hosts; the first is the default
};

}  // namespace apim::model
