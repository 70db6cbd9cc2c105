#include "service/apis.h"

#include <fmt/format.h>

#include <algorithm>

#include "import/openapi.h"
#include "model/api_codec.h"
#include "model/endpoint_secrets.h"
#include "model/policy.h"
#include "service/egress.h"
#include "store/deployments.h"
#include "store/policies.h"

namespace apim::service::apis {
namespace {

namespace rows = store::apis;
using model::Api;
using model::Finding;
using model::PolicyLevel;

constexpr int kCodeInvalid = 900754;
constexpr int kCodeNotFound = 900308;

bool is_shown(model::Lifecycle state) {
  return state == model::Lifecycle::Published || state == model::Lifecycle::Prototyped;
}

// What WSO2 gives an API that names no operation: every common verb on everything.
std::vector<model::Operation> operations_on_everything() {
  using model::Verb;
  std::vector<model::Operation> operations;
  for (const Verb verb : {Verb::Get, Verb::Put, Verb::Post, Verb::Delete, Verb::Patch}) {
    model::Operation operation;
    operation.target = "/*";
    operation.verb = verb;
    operations.push_back(std::move(operation));
  }
  return operations;
}

Result<void> complete_operations(Api& api) {
  if (!api.operations.empty()) return {};
  if (!api.definition.empty()) {
    ASSIGN_OR_REFUSE(api.operations, import::operations_of(api.definition, "definition"));
  }
  if (api.operations.empty()) api.operations = operations_on_everything();
  return {};
}

// Contexts of other tenants stand below "/t/<domain>".
void place_in_tenant(Api& api, const std::string& tenant) {
  api.tenant = tenant;
  const std::string prefix = "/t/" + tenant;
  if (tenant == "carbon.super" || api.context.starts_with(prefix + "/")) return;
  api.context = prefix + api.context;
  api.context_template = prefix + api.context_template;
}

// At most one version of a name answers without a version.
Result<void> end_other_defaults(Transaction& tx, const Api& api) {
  if (!api.is_default_version) return {};
  ASSIGN_OR_REFUSE(const std::vector<Api> versions, rows::versions(tx, api.tenant, api.name));
  for (const Api& version : versions) {
    if (version.uuid == api.uuid || !version.is_default_version) continue;
    Api other = version;
    other.is_default_version = false;
    CHECK_OR_REFUSE(rows::update(tx, std::move(other)));
  }
  return {};
}

Result<void> find_policy(Transaction& tx, PolicyLevel level, const Api& api,
                         const std::string& name, const std::string& where,
                         std::vector<Finding>& findings) {
  if (model::is_unlimited_name(name)) return {};
  ASSIGN_OR_REFUSE(const auto policy, store::policies::find_by_name(tx, api.tenant, level, name));
  const char* kind =
      level == PolicyLevel::Subscription ? "a subscription policy" : "an advanced policy";
  if (!policy)
    findings.push_back({where, fmt::format("'{}' is not {} of this server", name, kind)});
  return {};
}

void check_endpoints(const std::optional<model::EndpointGroup>& group, const char* where,
                     std::vector<Finding>& findings) {
  if (!group) return;
  for (const model::Endpoint& endpoint : group->endpoints) {
    if (is_metadata_address(endpoint.url)) {
      findings.push_back(
          {where,
           fmt::format(
               "'{}' is a link-local or metadata address; allow it with egress.allow_metadata",
               endpoint.url)});
    }
  }
}

Result<void> check_unchanged(const Api& stored, const Api& api) {
  std::vector<Finding> findings;
  const auto compare = [&](const char* field, const std::string& before, const std::string& after) {
    if (before != after)
      findings.push_back(
          {field, fmt::format("cannot change from '{}' to '{}'; make a new API", before, after)});
  };
  compare("name", stored.name, api.name);
  compare("version", stored.version, api.version);
  compare("context", stored.context, api.context);
  if (findings.empty()) return {};
  return model::refuse(
      model::invalid(kCodeInvalid, "The API's identity cannot change", std::move(findings)));
}

Result<Changed<Api>> create_read(Context& context, const Caller& caller, Api api) {
  api.provider = caller.user;
  return change(context, caller, permissions::kApiCreate,
                [&](Transaction& tx) { return insert(context, tx, caller, api); });
}

}  // namespace

std::string name_of(const Api& api) { return fmt::format("API '{}' {}", api.name, api.version); }

Result<store::Listing<Api>> list(Context& context, const Caller& caller,
                                 const rows::Filter& filter) {
  return look(context, caller, permissions::kApiList,
              [&](Transaction& tx) { return rows::list(tx, caller.tenant, filter); });
}

Result<store::Listing<Api>> list_published(Context& context, const Caller& caller,
                                           rows::Filter filter) {
  filter.states = {model::Lifecycle::Published, model::Lifecycle::Prototyped};
  return look(context, caller, permissions::kAnybody,
              [&](Transaction& tx) { return rows::list(tx, caller.tenant, filter); });
}

Result<Api> get(Context& context, const Caller& caller, const std::string& uuid,
                const Permission& permission) {
  return look(context, caller, permission,
              [&](Transaction& tx) { return rows::find(tx, caller.tenant, uuid); });
}

Result<Api> get_published(Context& context, const Caller& caller, const std::string& uuid) {
  return look(context, caller, permissions::kAnybody, [&](Transaction& tx) -> Result<Api> {
    ASSIGN_OR_REFUSE(Api api, rows::find(tx, caller.tenant, uuid));
    if (!is_shown(api.lifecycle))
      return model::refuse(model::not_found(kCodeNotFound, "API '" + uuid + "'"));
    return api;
  });
}

Result<void> check_references(Context& context, Transaction& tx, const Api& api) {
  std::vector<Finding> findings;
  for (const std::string& plan : api.policies)
    CHECK_OR_REFUSE(find_policy(tx, PolicyLevel::Subscription, api, plan, "policies", findings));
  CHECK_OR_REFUSE(find_policy(tx, PolicyLevel::Advanced, api, api.throttling_policy,
                              "apiThrottlingPolicy", findings));
  for (const model::Operation& operation : api.operations) {
    const std::string where = fmt::format("operations {} {}: throttlingPolicy",
                                          model::to_text(operation.verb), operation.target);
    CHECK_OR_REFUSE(
        find_policy(tx, PolicyLevel::Advanced, api, operation.throttling_policy, where, findings));
  }
  if (!context.allow_metadata) {
    check_endpoints(api.production, "endpointConfig.production_endpoints", findings);
    check_endpoints(api.sandbox, "endpointConfig.sandbox_endpoints", findings);
  }
  if (findings.empty()) return {};
  return model::refuse(model::invalid(kCodeInvalid, "The API is not valid", std::move(findings)));
}

Result<Api> insert(Context& context, Transaction& tx, const Caller& caller, Api api) {
  api.id = 0;
  api.uuid.clear();
  api.lifecycle = model::Lifecycle::Created;
  place_in_tenant(api, caller.tenant);
  CHECK_OR_REFUSE(complete_operations(api));
  CHECK_OR_REFUSE(check_references(context, tx, api));
  ASSIGN_OR_REFUSE(Api stored, rows::insert(tx, std::move(api)));
  CHECK_OR_REFUSE(end_other_defaults(tx, stored));
  CHECK_OR_REFUSE(note(tx, caller, "api.create", name_of(stored)));
  return stored;
}

Result<Api> replace(Context& context, Transaction& tx, const Api& stored, Api api) {
  place_in_tenant(api, stored.tenant);
  CHECK_OR_REFUSE(check_unchanged(stored, api));
  api.id = stored.id;
  api.uuid = stored.uuid;
  api.provider = stored.provider;
  api.lifecycle = stored.lifecycle;
  if (api.definition.empty()) api.definition = stored.definition;
  api.document = model::keep_secrets(api.document, stored.document);
  CHECK_OR_REFUSE(complete_operations(api));
  CHECK_OR_REFUSE(check_references(context, tx, api));
  ASSIGN_OR_REFUSE(Api changed, rows::update(tx, std::move(api)));
  CHECK_OR_REFUSE(end_other_defaults(tx, changed));
  return changed;
}

Result<Changed<Api>> create(Context& context, const Caller& caller,
                            const nlohmann::json& document) {
  CHECK_OR_REFUSE(permit(caller, permissions::kApiCreate));
  ASSIGN_OR_REFUSE(model::ReadApi read, model::read_api(document, nullptr));
  return create_read(context, caller, std::move(read.api));
}

Result<Changed<Api>> create(Context& context, const Caller& caller,
                            const import::Project& project) {
  return create_read(context, caller, project.api);
}

Result<Changed<Api>> update(Context& context, const Caller& caller, const std::string& uuid,
                            const nlohmann::json& document) {
  CHECK_OR_REFUSE(permit(caller, permissions::kApiUpdate));
  ASSIGN_OR_REFUSE(const model::ReadApi read, model::read_api(document, nullptr));
  return change(context, caller, permissions::kApiUpdate, [&](Transaction& tx) -> Result<Api> {
    ASSIGN_OR_REFUSE(const Api stored, rows::find(tx, caller.tenant, uuid));
    ASSIGN_OR_REFUSE(Api changed, replace(context, tx, stored, read.api));
    CHECK_OR_REFUSE(note(tx, caller, "api.update", name_of(changed)));
    return changed;
  });
}

Result<Changed<Api>> define(Context& context, const Caller& caller, const std::string& uuid,
                            const std::string& definition) {
  CHECK_OR_REFUSE(permit(caller, permissions::kApiCreate));
  ASSIGN_OR_REFUSE(const std::string normal,
                   import::normalise_definition(definition, "apiDefinition"));
  ASSIGN_OR_REFUSE(const std::vector<model::Operation> operations,
                   import::operations_of(normal, "apiDefinition"));
  return change(context, caller, permissions::kApiCreate, [&](Transaction& tx) -> Result<Api> {
    ASSIGN_OR_REFUSE(const Api stored, rows::find(tx, caller.tenant, uuid));
    Api api = stored;
    api.definition = normal;
    api.operations = operations;
    // What the publisher decided for an operation that is still there stays.
    for (model::Operation& operation : api.operations) {
      for (const model::Operation& before : stored.operations)
        if (before.target == operation.target && before.verb == operation.verb) operation = before;
    }
    ASSIGN_OR_REFUSE(Api changed, replace(context, tx, stored, std::move(api)));
    CHECK_OR_REFUSE(note(tx, caller, "api.define", name_of(changed)));
    return changed;
  });
}

Result<Changed<Nothing>> remove(Context& context, const Caller& caller, const std::string& uuid) {
  return change(context, caller, permissions::kApiDelete, [&](Transaction& tx) -> Result<Nothing> {
    ASSIGN_OR_REFUSE(const Api api, rows::find(tx, caller.tenant, uuid));
    CHECK_OR_REFUSE(store::deployments::undeploy(tx, caller.tenant, uuid, {}));
    CHECK_OR_REFUSE(rows::remove(tx, caller.tenant, uuid));
    CHECK_OR_REFUSE(note(tx, caller, "api.delete", name_of(api)));
    return Nothing{};
  });
}

}  // namespace apim::service::apis
