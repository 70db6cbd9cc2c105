// Admin: /api/am/admin/v4 (reference 6.3): throttling policies, deny policies, gateway
// environments.

#include <fmt/format.h>

#include "rest/dispatch.h"
#include "rest/documents.h"
#include "rest/fields.h"
#include "rest/page.h"
#include "rest/policy_shapes.h"
#include "rest/router.h"
#include "service/denies.h"
#include "service/environments.h"
#include "service/policies.h"

namespace apim::rest {
namespace {

using model::PolicyLevel;
using model::Result;
using nlohmann::json;
using service::Context;
namespace may = service::permissions;
namespace policies = service::policies;
namespace denies = service::denies;
namespace environments = service::environments;

constexpr std::string_view kBase = "/api/am/admin/v4";

Answer created(json body, const std::string& path, uint64_t epoch) {
  Answer answer = json_answer(body, 201);
  answer.headers["Location"] = fmt::format("{}{}", kBase, path);
  return changed_answer(std::move(answer), epoch);
}

// ---- throttling policies: the same verbs at each level

template <PolicyLevel kLevel>
Result<Answer> list_policies(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const auto all, policies::list(context, call.caller, kLevel, may::kTierView));
  json list = json::array();
  for (const model::ThrottlePolicy& policy : all) list.push_back(policy_json(policy));
  return list_answer(std::move(list));
}

template <PolicyLevel kLevel>
Result<Answer> create_policy(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const json body, parse_json(call.request.body));
  ASSIGN_OR_REFUSE(model::ThrottlePolicy policy, read_policy(body, kLevel));
  ASSIGN_OR_REFUSE(const auto made, policies::create(context, call.caller, std::move(policy)));
  return created(policy_json(made.value), fmt::format("{}/{}", call.route.pattern, made.value.uuid),
                 made.epoch);
}

template <PolicyLevel kLevel>
Result<Answer> get_policy(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const auto policy,
                   policies::get(context, call.caller, kLevel, call.parameters[0], may::kTierView));
  return json_answer(policy_json(policy));
}

template <PolicyLevel kLevel>
Result<Answer> update_policy(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const json body, parse_json(call.request.body));
  ASSIGN_OR_REFUSE(const model::ThrottlePolicy wanted, read_policy(body, kLevel));
  ASSIGN_OR_REFUSE(const auto updated,
                   policies::update(context, call.caller, call.parameters[0], wanted));
  return changed_answer(json_answer(policy_json(updated.value)), updated.epoch);
}

template <PolicyLevel kLevel>
Result<Answer> remove_policy(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const auto removed,
                   policies::remove(context, call.caller, kLevel, call.parameters[0]));
  return changed_answer(empty_answer(), removed.epoch);
}

// "policyName:Gold type:sub" or free words; types as apictl writes them: app, sub, advanced.
struct Search {
  std::string name;
  std::string type;
};

Search read_search(const std::string& query) {
  Search search;
  size_t at = 0;
  while (at < query.size()) {
    const size_t space = std::min(query.find(' ', at), query.size());
    const std::string word = query.substr(at, space - at);
    at = space + 1;
    if (word.starts_with("type:")) {
      search.type = word.substr(5);
    } else {
      const size_t colon = word.find(':');
      search.name = colon == std::string::npos ? word : word.substr(colon + 1);
    }
  }
  return search;
}

Result<Answer> search_policies(Context& context, const Call& call) {
  const Search search = read_search(call.request.parameter("query"));
  struct Row {
    PolicyLevel level;
    const char* type;
  };
  json list = json::array();
  for (const Row row : {Row{PolicyLevel::Application, "app"}, Row{PolicyLevel::Subscription, "sub"},
                        Row{PolicyLevel::Advanced, "api"}}) {
    const bool is_wanted = search.type.empty() || search.type == "all" || search.type == row.type ||
                           (row.level == PolicyLevel::Advanced && search.type == "advanced");
    if (!is_wanted) continue;
    ASSIGN_OR_REFUSE(const auto all,
                     policies::list(context, call.caller, row.level, may::kTierView));
    for (const model::ThrottlePolicy& policy : all) {
      if (policy.name.find(search.name) == std::string::npos) continue;
      list.push_back(
          {{"policyId", policy.id},
           {"uuid", policy.uuid},
           {"policyName", policy.name},
           {"displayName", policy.display_name.empty() ? policy.name : policy.display_name},
           {"description", policy.description},
           {"isDeployed", true},
           {"type", row.type}});
    }
  }
  return list_answer(std::move(list));
}

// ---- deny policies

Result<Answer> list_denies(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const auto all, denies::list(context, call.caller));
  json list = json::array();
  for (const model::DenyCondition& condition : all) list.push_back(deny_json(condition));
  return list_answer(std::move(list));
}

Result<Answer> create_deny(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const json body, parse_json(call.request.body));
  ASSIGN_OR_REFUSE(model::DenyCondition condition, read_deny(body));
  ASSIGN_OR_REFUSE(const auto made, denies::create(context, call.caller, std::move(condition)));
  return created(deny_json(made.value), "/throttling/deny-policy/" + made.value.uuid, made.epoch);
}

Result<Answer> get_deny(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const auto found, denies::get(context, call.caller, call.parameters[0]));
  return json_answer(deny_json(found));
}

Result<Answer> patch_deny(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const json body, parse_json(call.request.body));
  Fields fields(body);
  const bool enabled = fields.flag("conditionStatus", true);
  if (!body.contains("conditionStatus")) fields.fail("conditionStatus", "is missing");
  CHECK_OR_REFUSE(fields.done("The deny condition's status is not valid"));
  ASSIGN_OR_REFUSE(const auto changed,
                   denies::enable(context, call.caller, call.parameters[0], enabled));
  return changed_answer(json_answer(deny_json(changed.value)), changed.epoch);
}

Result<Answer> remove_deny(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const auto removed, denies::remove(context, call.caller, call.parameters[0]));
  return changed_answer(empty_answer(), removed.epoch);
}

// ---- environments

Result<Answer> list_environments(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const auto all, environments::list(context, call.caller, may::kEnvironmentView));
  json list = json::array();
  for (const model::Environment& environment : all) list.push_back(environment_json(environment));
  return list_answer(std::move(list));
}

Result<Answer> create_environment(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const json body, parse_json(call.request.body));
  ASSIGN_OR_REFUSE(model::Environment environment, read_environment(body));
  ASSIGN_OR_REFUSE(const auto made,
                   environments::create(context, call.caller, std::move(environment)));
  return created(environment_json(made.value), "/environments/" + made.value.uuid, made.epoch);
}

Result<Answer> get_environment(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const auto found, environments::get(context, call.caller, call.parameters[0]));
  return json_answer(environment_json(found));
}

Result<Answer> update_environment(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const json body, parse_json(call.request.body));
  ASSIGN_OR_REFUSE(const model::Environment wanted, read_environment(body));
  ASSIGN_OR_REFUSE(const auto updated,
                   environments::update(context, call.caller, call.parameters[0], wanted));
  return changed_answer(json_answer(environment_json(updated.value)), updated.epoch);
}

Result<Answer> remove_environment(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const auto removed,
                   environments::remove(context, call.caller, call.parameters[0]));
  return changed_answer(empty_answer(), removed.epoch);
}

Result<Answer> get_settings(Context&, const Call& call) {
  json scopes = json::array();
  for (const std::string& scope : call.caller.scopes) scopes.push_back(scope);
  return json_answer({{"scopes", std::move(scopes)}, {"analyticsEnabled", false}});
}

Result<Answer> get_document(Context&, const Call&) { return document_answer(Document::Admin); }

constexpr auto kSub = PolicyLevel::Subscription;
constexpr auto kApp = PolicyLevel::Application;
constexpr auto kAdv = PolicyLevel::Advanced;

constexpr Route kRoutes[] = {
    {Role::Admin, "GET", kBase, "/swagger.yaml", Body::None, may::kAnybody, get_document},
    {Role::Admin, "GET", kBase, "/settings", Body::None, may::kAnybody, get_settings},
    {Role::Admin, "GET", kBase, "/throttling/policies/search", Body::None, may::kTierView,
     search_policies},
    {Role::Admin, "GET", kBase, "/throttling/policies/subscription", Body::None, may::kTierView,
     list_policies<kSub>},
    {Role::Admin, "POST", kBase, "/throttling/policies/subscription", Body::Json, may::kTierManage,
     create_policy<kSub>},
    {Role::Admin, "GET", kBase, "/throttling/policies/subscription/{policyId}", Body::None,
     may::kTierView, get_policy<kSub>},
    {Role::Admin, "PUT", kBase, "/throttling/policies/subscription/{policyId}", Body::Json,
     may::kTierManage, update_policy<kSub>},
    {Role::Admin, "DELETE", kBase, "/throttling/policies/subscription/{policyId}", Body::None,
     may::kTierManage, remove_policy<kSub>},
    {Role::Admin, "GET", kBase, "/throttling/policies/application", Body::None, may::kTierView,
     list_policies<kApp>},
    {Role::Admin, "POST", kBase, "/throttling/policies/application", Body::Json, may::kTierManage,
     create_policy<kApp>},
    {Role::Admin, "GET", kBase, "/throttling/policies/application/{policyId}", Body::None,
     may::kTierView, get_policy<kApp>},
    {Role::Admin, "PUT", kBase, "/throttling/policies/application/{policyId}", Body::Json,
     may::kTierManage, update_policy<kApp>},
    {Role::Admin, "DELETE", kBase, "/throttling/policies/application/{policyId}", Body::None,
     may::kTierManage, remove_policy<kApp>},
    {Role::Admin, "GET", kBase, "/throttling/policies/advanced", Body::None, may::kTierView,
     list_policies<kAdv>},
    {Role::Admin, "POST", kBase, "/throttling/policies/advanced", Body::Json, may::kTierManage,
     create_policy<kAdv>},
    {Role::Admin, "GET", kBase, "/throttling/policies/advanced/{policyId}", Body::None,
     may::kTierView, get_policy<kAdv>},
    {Role::Admin, "PUT", kBase, "/throttling/policies/advanced/{policyId}", Body::Json,
     may::kTierManage, update_policy<kAdv>},
    {Role::Admin, "DELETE", kBase, "/throttling/policies/advanced/{policyId}", Body::None,
     may::kTierManage, remove_policy<kAdv>},
    {Role::Admin, "GET", kBase, "/throttling/deny-policies", Body::None, may::kDenyView,
     list_denies},
    {Role::Admin, "POST", kBase, "/throttling/deny-policies", Body::Json, may::kDenyManage,
     create_deny},
    {Role::Admin, "GET", kBase, "/throttling/deny-policy/{conditionId}", Body::None, may::kDenyView,
     get_deny},
    {Role::Admin, "PATCH", kBase, "/throttling/deny-policy/{conditionId}", Body::Json,
     may::kDenyManage, patch_deny},
    {Role::Admin, "DELETE", kBase, "/throttling/deny-policy/{conditionId}", Body::None,
     may::kDenyManage, remove_deny},
    {Role::Admin, "GET", kBase, "/environments", Body::None, may::kEnvironmentView,
     list_environments},
    {Role::Admin, "POST", kBase, "/environments", Body::Json, may::kEnvironmentManage,
     create_environment},
    {Role::Admin, "GET", kBase, "/environments/{environmentId}", Body::None, may::kEnvironmentView,
     get_environment},
    {Role::Admin, "PUT", kBase, "/environments/{environmentId}", Body::Json,
     may::kEnvironmentManage, update_environment},
    {Role::Admin, "DELETE", kBase, "/environments/{environmentId}", Body::None,
     may::kEnvironmentManage, remove_environment},
};

}  // namespace

std::span<const Route> admin_routes() { return kRoutes; }

}  // namespace apim::rest
