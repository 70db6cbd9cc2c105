// Publisher: /api/am/publisher/v4 (reference 6.3).

#include <fmt/format.h>

#include "import/export.h"
#include "import/openapi.h"
#include "model/api_codec.h"
#include "model/endpoint_secrets.h"
#include "rest/api_shapes.h"
#include "rest/consumer_shapes.h"
#include "rest/dispatch.h"
#include "rest/documents.h"
#include "rest/fields.h"
#include "rest/multipart.h"
#include "rest/page.h"
#include "rest/policy_shapes.h"
#include "rest/router.h"
#include "service/apis.h"
#include "service/environments.h"
#include "service/imports.h"
#include "service/lifecycle.h"
#include "service/policies.h"
#include "service/revisions.h"
#include "service/subscriptions.h"
#include "store/apis.h"
#include "store/revisions.h"

namespace apim::rest {
namespace {

using model::Result;
using nlohmann::json;
using service::Context;
namespace may = service::permissions;
namespace apis = service::apis;
namespace revisions = service::revisions;

constexpr std::string_view kBase = "/api/am/publisher/v4";
constexpr int kCodeInvalid = 900700;
constexpr int kCodeNoDefinition = 900909;

auto invalid(const char* message, std::string why) {
  return model::refuse(model::bad_request(kCodeInvalid, message, std::move(why)));
}

// The API without what only its back ends may know.
json shown_api(const model::Api& api) {
  json document = model::write_api(api);
  model::blank_secrets(document);
  return document;
}

Answer created_api(const service::Changed<model::Api>& changed) {
  Answer answer = json_answer(shown_api(changed.value), 201);
  answer.headers["Location"] = fmt::format("{}/apis/{}", kBase, changed.value.uuid);
  return changed_answer(std::move(answer), changed.epoch);
}

// ---- APIs

Result<Answer> list_apis(Context& context, const Call& call) {
  store::apis::Filter filter;
  filter.query = call.request.parameter("query");
  ASSIGN_OR_REFUSE(filter.page, read_page(call.request));
  ASSIGN_OR_REFUSE(const auto found, apis::list(context, call.caller, filter));
  json list = json::array();
  for (const model::Api& api : found.items) list.push_back(api_info(api));
  return page_answer(call, filter.page, std::move(list), found.total);
}

Result<Answer> get_api(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const model::Api api, apis::get(context, call.caller, call.parameters[0]));
  return json_answer(shown_api(api));
}

Result<Answer> create_api(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const json body, parse_json(call.request.body));
  ASSIGN_OR_REFUSE(const auto created, apis::create(context, call.caller, body));
  return created_api(created);
}

Result<Answer> update_api(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const json body, parse_json(call.request.body));
  ASSIGN_OR_REFUSE(const auto updated,
                   apis::update(context, call.caller, call.parameters[0], body));
  return changed_answer(json_answer(shown_api(updated.value)), updated.epoch);
}

Result<Answer> remove_api(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const auto removed, apis::remove(context, call.caller, call.parameters[0]));
  return changed_answer(empty_answer(), removed.epoch);
}

Result<Answer> get_definition(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const model::Api api,
                   apis::get(context, call.caller, call.parameters[0], may::kDefinitionView));
  Answer answer;
  answer.body = definition_of(api);
  return answer;
}

// The text of a part; refused when it is missing or empty.
Result<std::string> part_text(const Parts& parts, const std::string& name) {
  const auto found = parts.find(name);
  if (found == parts.end() || found->second.content.empty())
    return invalid("A form field is missing", fmt::format("send the field '{}'", name));
  return found->second.content;
}

Result<Answer> put_definition(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const Parts parts,
                   parse_multipart(call.request.header("content-type"), call.request.body));
  const std::string field = parts.contains("file") ? "file" : "apiDefinition";
  ASSIGN_OR_REFUSE(const std::string text, part_text(parts, field));
  ASSIGN_OR_REFUSE(const auto changed,
                   apis::define(context, call.caller, call.parameters[0], text));
  Answer answer;
  answer.body = definition_of(changed.value);
  return changed_answer(std::move(answer), changed.epoch);
}

// ---- import and export

Result<Answer> import_api(Context& context, const Call& call) {
  service::imports::Options options;
  ASSIGN_OR_REFUSE(options.preserve_provider, read_flag(call.request, "preserveProvider", true));
  ASSIGN_OR_REFUSE(options.overwrite, read_flag(call.request, "overwrite", false));
  ASSIGN_OR_REFUSE(options.rotate_revision, read_flag(call.request, "rotateRevision", false));
  ASSIGN_OR_REFUSE(options.dry_run, read_flag(call.request, "dryRun", false));
  ASSIGN_OR_REFUSE(const Parts parts,
                   parse_multipart(call.request.header("content-type"), call.request.body));
  ASSIGN_OR_REFUSE(const std::string zip, part_text(parts, "file"));
  ASSIGN_OR_REFUSE(const import::Project project, import::read_project_zip(zip));
  ASSIGN_OR_REFUSE(const auto imported,
                   service::imports::import_project(context, call.caller, project, options));
  const auto& value = imported.value;
  json body = {{"id", options.dry_run ? "" : value.api.uuid},
               {"revision", value.revision ? std::to_string(value.revision->number) : ""},
               {"created", value.created},
               {"dryRun", options.dry_run},
               {"warnings", warnings_json(value.warnings)}};
  return changed_answer(json_answer(body), imported.epoch);
}

Result<model::Api> exported_api(Context& context, const Call& call) {
  const Request& request = call.request;
  if (!request.parameter("apiId").empty()) {
    return service::look(context, call.caller, may::kApiExport, [&](service::Transaction& tx) {
      return store::apis::find(tx, call.caller.tenant, request.parameter("apiId"));
    });
  }
  ASSIGN_OR_REFUSE(const std::string name, read_required(request, "name"));
  ASSIGN_OR_REFUSE(const std::string version, read_required(request, "version"));
  return service::look(
      context, call.caller, may::kApiExport, [&](service::Transaction& tx) -> Result<model::Api> {
        ASSIGN_OR_REFUSE(auto found,
                         store::apis::find_by_name(tx, call.caller.tenant, name, version));
        if (!found)
          return model::refuse(model::not_found(900308, fmt::format("API '{}' {}", name, version)));
        return std::move(*found);
      });
}

// The working copy, or one of its revisions as it was taken.
Result<model::Api> exported_revision(Context& context, const Call& call, model::Api api) {
  ASSIGN_OR_REFUSE(const uint64_t number, read_number(call.request, "revisionNumber", 0));
  ASSIGN_OR_REFUSE(const bool latest, read_flag(call.request, "latestRevision", false));
  if (number == 0 && !latest) return api;
  return service::look(
      context, call.caller, may::kApiExport, [&](service::Transaction& tx) -> Result<model::Api> {
        auto wanted = static_cast<uint32_t>(number);
        if (latest) {
          ASSIGN_OR_REFUSE(const auto all, store::revisions::list(tx, api.tenant, api.uuid));
          if (all.empty())
            return model::refuse(model::not_found(900346, "A revision of " + apis::name_of(api)));
          wanted = all.back().number;
        }
        ASSIGN_OR_REFUSE(const auto revision,
                         store::revisions::find_by_number(tx, api.tenant, api.uuid, wanted));
        ASSIGN_OR_REFUSE(auto read, model::read_api(json::parse(revision.document), nullptr));
        read.api.definition = revision.definition;
        return std::move(read.api);
      });
}

Result<Answer> export_api(Context& context, const Call& call) {
  const std::string& format = call.request.parameter("format");
  if (!format.empty() && format != "YAML" && format != "JSON")
    return invalid("A query parameter is not valid",
                   fmt::format("format must be YAML or JSON, is '{}'", format));
  ASSIGN_OR_REFUSE(const bool keeps_status, read_flag(call.request, "preserveStatus", true));
  ASSIGN_OR_REFUSE(const bool keeps_secrets, read_flag(call.request, "preserveCredentials", false));
  ASSIGN_OR_REFUSE(const model::Api stored, exported_api(context, call));
  ASSIGN_OR_REFUSE(
      const auto places,
      service::look(context, call.caller, may::kApiExport, [&](service::Transaction& tx) {
        return store::deployments::list(tx, stored.tenant, stored.uuid);
      }));
  ASSIGN_OR_REFUSE(model::Api api, exported_revision(context, call, stored));
  if (!keeps_status) api.lifecycle = model::Lifecycle::Created;
  if (!keeps_secrets || !may::kApiImport.allows(call.caller)) {
    json document = json::parse(api.document);
    model::blank_secrets(document);
    api.document = document.dump();
  }
  api.definition = definition_of(api);
  std::vector<import::DeploymentTarget> targets;
  for (const model::Deployment& place : places)
    targets.push_back({place.environment, place.vhost, place.shown_in_devportal});
  Answer answer;
  const auto chosen = format == "JSON" ? import::Format::Json : import::Format::Yaml;
  ASSIGN_OR_REFUSE(answer.body, import::export_zip(api, targets, chosen));
  answer.type = "application/zip";
  return answer;
}

struct Definition {
  std::string text;
  std::string file;
};

Result<Definition> read_definition(const Parts& parts) {
  for (const char* name : {"file", "inlineAPIDefinition"}) {
    const auto found = parts.find(name);
    if (found != parts.end() && !found->second.content.empty())
      return Definition{found->second.content,
                        found->second.file_name.empty() ? name : found->second.file_name};
  }
  if (parts.contains("url"))
    return invalid("Definitions are not fetched from URLs",
                   "send the document itself in the field 'file'");
  return model::refuse(model::bad_request(kCodeNoDefinition, "The definition is missing",
                                          "send the document in the field 'file'"));
}

Result<Answer> import_openapi(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const Parts parts,
                   parse_multipart(call.request.header("content-type"), call.request.body));
  ASSIGN_OR_REFUSE(const Definition definition, read_definition(parts));
  json additional = json::object();
  if (const auto found = parts.find("additionalProperties"); found != parts.end()) {
    ASSIGN_OR_REFUSE(additional, parse_json(found->second.content));
  }
  ASSIGN_OR_REFUSE(const import::Project project,
                   import::read_openapi(definition.text, definition.file, {}, additional));
  ASSIGN_OR_REFUSE(const auto created, apis::create(context, call.caller, project));
  return created_api(created);
}

Result<Answer> validate_openapi(Context&, const Call& call) {
  ASSIGN_OR_REFUSE(const Parts parts,
                   parse_multipart(call.request.header("content-type"), call.request.body));
  ASSIGN_OR_REFUSE(const Definition definition, read_definition(parts));
  ASSIGN_OR_REFUSE(const bool returns_content, read_flag(call.request, "returnContent", false));
  const auto normal = import::normalise_definition(definition.text, definition.file);
  json body = {{"isValid", normal.has_value()}, {"errors", json::array()}};
  if (returns_content) body["content"] = definition.text;
  if (normal.has_value()) {
    const json document = json::parse(*normal, nullptr, false);
    const json info =
        document.is_object() ? document.value("info", json::object()) : json::object();
    const auto text_of = [&](const char* name) {
      return info.is_object() && info.contains(name) && info[name].is_string()
                 ? info[name].get<std::string>()
                 : "";
    };
    body["info"] = {{"name", text_of("title")},
                    {"version", text_of("version")},
                    {"description", text_of("description")}};
    return json_answer(body);
  }
  for (const model::Finding& finding : normal.error().findings)
    body["errors"].push_back({{"code", std::to_string(normal.error().code)},
                              {"message", finding.where},
                              {"description", finding.message}});
  if (body["errors"].empty())
    body["errors"].push_back({{"code", std::to_string(normal.error().code)},
                              {"message", normal.error().message},
                              {"description", normal.error().description}});
  return json_answer(body);
}

// ---- revisions

Result<Answer> list_revisions(Context& context, const Call& call) {
  const std::string& query = call.request.parameter("query");
  if (!query.empty() && query != "deployed:true" && query != "deployed:false")
    return invalid("A query parameter is not valid",
                   "query must be deployed:true or deployed:false");
  ASSIGN_OR_REFUSE(const auto all, revisions::list(context, call.caller, call.parameters[0]));
  json list = json::array();
  for (const auto& deployed : all) {
    if (query == "deployed:true" && deployed.deployments.empty()) continue;
    if (query == "deployed:false" && !deployed.deployments.empty()) continue;
    list.push_back(revision_json(deployed));
  }
  return list_answer(std::move(list));
}

Result<Answer> create_revision(Context& context, const Call& call) {
  std::string description;
  if (!call.request.body.empty()) {
    ASSIGN_OR_REFUSE(const json body, parse_json(call.request.body));
    Fields fields(body);
    description = fields.text("description");
    CHECK_OR_REFUSE(fields.done("The revision is not valid"));
  }
  ASSIGN_OR_REFUSE(const auto created,
                   revisions::create(context, call.caller, call.parameters[0], description));
  Answer answer = json_answer(revision_json(created.value), 201);
  answer.headers["Location"] = fmt::format("{}/apis/{}/revisions/{}", kBase, call.parameters[0],
                                           created.value.revision.uuid);
  return changed_answer(std::move(answer), created.epoch);
}

Result<Answer> get_revision(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const auto found,
                   revisions::get(context, call.caller, call.parameters[0], call.parameters[1]));
  return json_answer(revision_json(found));
}

Result<Answer> remove_revision(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const auto removed,
                   revisions::remove(context, call.caller, call.parameters[0], call.parameters[1]));
  ASSIGN_OR_REFUSE(const auto left, revisions::list(context, call.caller, call.parameters[0]));
  json list = json::array();
  for (const auto& deployed : left) list.push_back(revision_json(deployed));
  return changed_answer(list_answer(std::move(list)), removed.epoch);
}

json deployments_json(const std::vector<model::Deployment>& places) {
  json list = json::array();
  for (const model::Deployment& place : places) list.push_back(deployment_json(place));
  return list;
}

Result<Answer> deploy_revision(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const std::string revision, read_required(call.request, "revisionId"));
  ASSIGN_OR_REFUSE(const json body, parse_json(call.request.body));
  ASSIGN_OR_REFUSE(const auto targets, read_deployments(body));
  ASSIGN_OR_REFUSE(const auto placed,
                   revisions::deploy(context, call.caller, call.parameters[0], revision, targets));
  return changed_answer(json_answer(deployments_json(placed.value), 201), placed.epoch);
}

Result<Answer> undeploy_revision(Context& context, const Call& call) {
  revisions::Undeploy undeploy;
  undeploy.revision_uuid = call.request.parameter("revisionId");
  ASSIGN_OR_REFUSE(const uint64_t number, read_number(call.request, "revisionNumber", 0));
  if (number > UINT32_MAX)
    return invalid("A query parameter is not valid", "revisionNumber is too large");
  if (number > 0) undeploy.number = static_cast<uint32_t>(number);
  ASSIGN_OR_REFUSE(undeploy.everywhere, read_flag(call.request, "allEnvironments", false));
  if (undeploy.revision_uuid.empty() && !undeploy.number)
    return invalid("A query parameter is missing", "name revisionId or revisionNumber");
  if (!call.request.body.empty()) {
    ASSIGN_OR_REFUSE(const json body, parse_json(call.request.body));
    ASSIGN_OR_REFUSE(const auto targets, read_deployments(body));
    for (const model::Deployment& target : targets)
      undeploy.places.push_back({"", target.environment, target.vhost});
  }
  if (undeploy.places.empty() && !undeploy.everywhere)
    return invalid("No gateway environment is named",
                   "send a list of deployments or allEnvironments=true");
  ASSIGN_OR_REFUSE(const auto removed,
                   revisions::undeploy(context, call.caller, call.parameters[0], undeploy));
  return changed_answer(json_answer(deployments_json(removed.value), 201), removed.epoch);
}

Result<Answer> list_deployments(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const auto places,
                   revisions::deployments(context, call.caller, call.parameters[0]));
  return list_answer(deployments_json(places));
}

// ---- lifecycle

Result<Answer> change_lifecycle(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const std::string api, read_required(call.request, "apiId"));
  service::lifecycle::Wish wish;
  ASSIGN_OR_REFUSE(wish.event, read_required(call.request, "action"));
  const std::string& checklist = call.request.parameter("lifecycleChecklist");
  wish.deprecate_old =
      checklist.find("Deprecate old versions after publishing the API:true") != std::string::npos;
  ASSIGN_OR_REFUSE(const auto changed,
                   service::lifecycle::change_state(context, call.caller, api, wish));
  return changed_answer(json_answer({{"workflowStatus", "APPROVED"},
                                     {"jsonPayload", ""},
                                     {"lifecycleState", lifecycle_json(changed.value)}}),
                        changed.epoch);
}

Result<Answer> get_lifecycle(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const auto state,
                   service::lifecycle::get(context, call.caller, call.parameters[0]));
  return json_answer(lifecycle_json(state));
}

Result<Answer> get_history(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const auto steps,
                   service::lifecycle::history(context, call.caller, call.parameters[0]));
  return list_answer(history_json(steps));
}

// ---- subscriptions

Result<Answer> list_subscriptions(Context& context, const Call& call) {
  store::subscriptions::Filter filter;
  filter.api_uuid = call.request.parameter("apiId");
  ASSIGN_OR_REFUSE(filter.page, read_page(call.request));
  ASSIGN_OR_REFUSE(const auto found,
                   service::subscriptions::list_of_api(context, call.caller, filter));
  json list = json::array();
  for (const auto& item : found.items) list.push_back(publisher_subscription_json(item));
  return page_answer(call, filter.page, std::move(list), found.total);
}

Result<Answer> set_subscription(Context& context, const Call& call,
                                model::SubscriptionState state) {
  ASSIGN_OR_REFUSE(const std::string uuid, read_required(call.request, "subscriptionId"));
  ASSIGN_OR_REFUSE(const auto changed,
                   service::subscriptions::set_state(context, call.caller, uuid, state));
  return changed_answer(json_answer(publisher_subscription_json(changed.value)), changed.epoch);
}

Result<Answer> block_subscription(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const std::string state, read_required(call.request, "blockState"));
  if (state == "BLOCKED") return set_subscription(context, call, model::SubscriptionState::Blocked);
  if (state == "PROD_ONLY_BLOCKED")
    return set_subscription(context, call, model::SubscriptionState::ProductionBlocked);
  return invalid("A query parameter is not valid",
                 fmt::format("blockState must be BLOCKED or PROD_ONLY_BLOCKED, is '{}'", state));
}

Result<Answer> unblock_subscription(Context& context, const Call& call) {
  return set_subscription(context, call, model::SubscriptionState::Unblocked);
}

// ---- the rest

Result<Answer> list_policies(Context& context, const Call& call) {
  return tiers_answer(context, call, may::kPublisherTiers);
}

Result<Answer> get_settings(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const auto environments,
                   service::environments::list(context, call.caller, may::kAnybody));
  json list = json::array();
  for (const model::Environment& environment : environments)
    list.push_back(environment_json(environment));
  return json_answer({{"environment", std::move(list)},
                      {"securityAuditProperties", json::object()},
                      {"authorizationHeader", "Authorization"},
                      {"apiKeyHeader", "ApiKey"}});
}

Result<Answer> get_document(Context&, const Call&) { return document_answer(Document::Publisher); }

constexpr Route kRoutes[] = {
    {Role::Publisher, "GET", kBase, "/swagger.yaml", Body::None, may::kAnybody, get_document},
    {Role::Publisher, "GET", kBase, "/settings", Body::None, may::kAnybody, get_settings},
    {Role::Publisher, "GET", kBase, "/apis", Body::None, may::kApiList, list_apis},
    {Role::Publisher, "POST", kBase, "/apis", Body::Json, may::kApiCreate, create_api},
    {Role::Publisher, "POST", kBase, "/apis/import", Body::Form, may::kApiImport, import_api},
    {Role::Publisher, "GET", kBase, "/apis/export", Body::None, may::kApiExport, export_api},
    {Role::Publisher, "POST", kBase, "/apis/import-openapi", Body::Form, may::kApiCreate,
     import_openapi},
    {Role::Publisher, "POST", kBase, "/apis/validate-openapi", Body::Form, may::kApiCreate,
     validate_openapi},
    {Role::Publisher, "POST", kBase, "/apis/change-lifecycle", Body::Optional,
     may::kLifecycleChange, change_lifecycle},
    {Role::Publisher, "GET", kBase, "/apis/{apiId}", Body::None, may::kApiView, get_api},
    {Role::Publisher, "PUT", kBase, "/apis/{apiId}", Body::Json, may::kApiUpdate, update_api},
    {Role::Publisher, "DELETE", kBase, "/apis/{apiId}", Body::None, may::kApiDelete, remove_api},
    {Role::Publisher, "GET", kBase, "/apis/{apiId}/swagger", Body::None, may::kDefinitionView,
     get_definition},
    {Role::Publisher, "PUT", kBase, "/apis/{apiId}/swagger", Body::Form, may::kApiCreate,
     put_definition},
    {Role::Publisher, "GET", kBase, "/apis/{apiId}/revisions", Body::None, may::kRevisionView,
     list_revisions},
    {Role::Publisher, "POST", kBase, "/apis/{apiId}/revisions", Body::Optional,
     may::kRevisionChange, create_revision},
    {Role::Publisher, "GET", kBase, "/apis/{apiId}/revisions/{revisionId}", Body::None,
     may::kRevisionView, get_revision},
    {Role::Publisher, "DELETE", kBase, "/apis/{apiId}/revisions/{revisionId}", Body::None,
     may::kRevisionChange, remove_revision},
    {Role::Publisher, "GET", kBase, "/apis/{apiId}/deployments", Body::None, may::kRevisionView,
     list_deployments},
    {Role::Publisher, "POST", kBase, "/apis/{apiId}/deploy-revision", Body::Json, may::kDeploy,
     deploy_revision},
    {Role::Publisher, "POST", kBase, "/apis/{apiId}/undeploy-revision", Body::Optional,
     may::kUndeploy, undeploy_revision},
    {Role::Publisher, "GET", kBase, "/apis/{apiId}/lifecycle-state", Body::None,
     may::kLifecycleView, get_lifecycle},
    {Role::Publisher, "GET", kBase, "/apis/{apiId}/lifecycle-history", Body::None,
     may::kLifecycleView, get_history},
    {Role::Publisher, "GET", kBase, "/subscriptions", Body::None, may::kSubscriptionView,
     list_subscriptions},
    {Role::Publisher, "POST", kBase, "/subscriptions/block-subscription", Body::Optional,
     may::kSubscriptionBlock, block_subscription},
    {Role::Publisher, "POST", kBase, "/subscriptions/unblock-subscription", Body::Optional,
     may::kSubscriptionBlock, unblock_subscription},
    {Role::Publisher, "GET", kBase, "/throttling-policies/{policyLevel}", Body::None,
     may::kPublisherTiers, list_policies},
};

}  // namespace

std::span<const Route> publisher_routes() { return kRoutes; }

}  // namespace apim::rest
