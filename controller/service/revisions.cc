#include "service/revisions.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "compile/check.h"
#include "model/api_codec.h"
#include "service/apis.h"
#include "store/apis.h"
#include "store/environments.h"
#include "store/policies.h"
#include "store/revisions.h"

namespace apim::service::revisions {
namespace {

namespace rows = store::revisions;
using model::Api;
using model::DeployedApi;
using model::Deployment;
using model::Finding;
using model::Revision;

constexpr int kCodeLimit = 900351;
constexpr int kCodeNotDeployable = 900354;
constexpr int kCodeNoEnvironment = 900506;
constexpr int kCodeBadTarget = 900700;

// The API as this revision describes it.
Result<Api> read_revision(const Api& live, const Revision& revision) {
  const auto document = nlohmann::json::parse(revision.document, nullptr, false);
  if (document.is_discarded())
    return model::refuse(model::internal_error(
        fmt::format("revision {} of {} cannot be read", revision.number, apis::name_of(live))));
  ASSIGN_OR_REFUSE(model::ReadApi read, model::read_api(document, nullptr));
  read.api.id = live.id;
  read.api.uuid = live.uuid;
  read.api.tenant = live.tenant;
  read.api.lifecycle = live.lifecycle;
  read.api.definition = revision.definition;
  return std::move(read.api);
}

Result<std::map<uint32_t, model::ThrottlePolicy>> all_policies(Transaction& tx,
                                                               const std::string& tenant) {
  std::map<uint32_t, model::ThrottlePolicy> all;
  for (const auto level : {model::PolicyLevel::Subscription, model::PolicyLevel::Application,
                           model::PolicyLevel::Advanced}) {
    ASSIGN_OR_REFUSE(auto list, store::policies::list(tx, tenant, level));
    for (auto& policy : list) {
      const uint32_t id = policy.id;
      all.emplace(id, std::move(policy));
    }
  }
  return all;
}

// The contexts other APIs take in this environment that could collide: of the same contexts, and of
// the other versions of the same name, one of which may answer without a version.
Result<std::vector<compile::TakenContext>> taken_by_others(Transaction& tx, const Api& api,
                                                           const std::string& environment) {
  ASSIGN_OR_REFUSE(std::vector<Api> others, store::apis::versions(tx, api.tenant, api.name));
  DeployedApi own;
  own.api = api;
  own.vhosts = {"any"};
  for (const compile::TakenContext& wanted : compile::contexts_of(own)) {
    ASSIGN_OR_REFUSE(auto other, store::apis::find_by_context(tx, api.tenant, wanted.context));
    if (other) others.push_back(std::move(*other));
  }
  std::vector<compile::TakenContext> taken;
  for (const Api& other : others) {
    if (other.uuid == api.uuid) continue;
    ASSIGN_OR_REFUSE(const auto places, store::deployments::list(tx, api.tenant, other.uuid));
    for (const Deployment& deployment : places) {
      if (deployment.environment != environment) continue;
      ASSIGN_OR_REFUSE(const Revision revision,
                       rows::find(tx, api.tenant, other.uuid, deployment.revision_uuid));
      DeployedApi deployed;
      ASSIGN_OR_REFUSE(deployed.api, read_revision(other, revision));
      // Deploying takes the default of this name over from them.
      if (other.name == api.name) deployed.api.is_default_version = false;
      deployed.vhosts = {deployment.vhost};
      for (auto& context : compile::contexts_of(deployed)) taken.push_back(std::move(context));
    }
  }
  return taken;
}

// Environment and vhost as they are stored; names that do not exist are refused.
Result<Deployment> resolve(Transaction& tx, const std::string& tenant, Deployment target) {
  ASSIGN_OR_REFUSE(const auto environment,
                   store::environments::find_by_name(tx, tenant, target.environment));
  if (!environment) {
    return model::refuse({.http_status = 404,
                          .code = kCodeNoEnvironment,
                          .message = "Gateway environment not found",
                          .description = fmt::format("'{}' is not a defined gateway environment",
                                                     target.environment)});
  }
  if (target.vhost.empty()) target.vhost = environment->vhosts.front();
  if (std::find(environment->vhosts.begin(), environment->vhosts.end(), target.vhost) ==
      environment->vhosts.end()) {
    return model::refuse(
        model::bad_request(kCodeBadTarget, "Invalid vhost",
                           fmt::format("'{}' is not a vhost of the gateway environment '{}'",
                                       target.vhost, target.environment)));
  }
  return target;
}

Result<void> check(Context& context, Transaction& tx, const DeployedApi& deployed,
                   const std::string& environment) {
  ASSIGN_OR_REFUSE(const auto policies, all_policies(tx, deployed.api.tenant));
  compile::CheckInput input;
  input.policies = &policies;
  input.vhosts = deployed.vhosts;
  ASSIGN_OR_REFUSE(input.taken, taken_by_others(tx, deployed.api, environment));
  input.options.now_s = tx.now_ms() / 1000;
  input.options.allow_metadata = context.allow_metadata;
  std::vector<Finding> findings = compile::check_api(deployed, input);
  if (findings.empty()) return {};
  return model::refuse(model::invalid(
      kCodeNotDeployable,
      fmt::format("{} cannot be deployed to '{}'", apis::name_of(deployed.api), environment),
      std::move(findings)));
}

Result<void> check_state(const Api& api) {
  if (api.lifecycle == model::Lifecycle::Retired)
    return model::refuse(model::bad_request(kCodeNotDeployable, "The API cannot be deployed",
                                            apis::name_of(api) + " is RETIRED"));
  if (api.advertise_only) {
    return model::refuse(
        model::bad_request(kCodeNotDeployable, "The API cannot be deployed",
                           apis::name_of(api) + " is only advertised (advertiseInfo.advertised)"));
  }
  return {};
}

Result<Deployed> with_deployments(Transaction& tx, const std::string& tenant, Revision revision) {
  ASSIGN_OR_REFUSE(auto places, store::deployments::list_of_revision(tx, tenant, revision.uuid));
  return Deployed{std::move(revision), std::move(places)};
}

}  // namespace

Result<Revision> take(Transaction& tx, const Caller& caller, const Api& api,
                      const std::string& description, bool rotate) {
  ASSIGN_OR_REFUSE(const std::vector<Revision> kept, rows::list(tx, api.tenant, api.uuid));
  if (kept.size() >= kRevisionsMax && !rotate) {
    return model::refuse(model::bad_request(
        kCodeLimit, "Maximum number of revisions per API has reached",
        fmt::format("{} has {} revisions; delete one, or import with rotateRevision=true",
                    apis::name_of(api), kept.size())));
  }
  for (size_t i = 0; i + kRevisionsMax <= kept.size(); ++i) {
    CHECK_OR_REFUSE(store::deployments::undeploy(
        tx, api.tenant, api.uuid, {.revision_uuid = kept[i].uuid, .environment = "", .vhost = ""}));
    CHECK_OR_REFUSE(rows::remove(tx, api.tenant, api.uuid, kept[i].uuid));
    CHECK_OR_REFUSE(note(tx, caller, "revision.delete",
                         fmt::format("revision {} of {}", kept[i].number, apis::name_of(api))));
  }
  ASSIGN_OR_REFUSE(Revision revision,
                   rows::create(tx, api.tenant, api.uuid, description, caller.user));
  CHECK_OR_REFUSE(note(tx, caller, "revision.create",
                       fmt::format("revision {} of {}", revision.number, apis::name_of(api))));
  return revision;
}

Result<std::vector<Deployment>> place(Context& context, Transaction& tx, const Api& api,
                                      const Revision& revision,
                                      const std::vector<Deployment>& targets) {
  if (targets.empty())
    return model::refuse(model::bad_request(
        kCodeBadTarget, "No gateway environment is named",
        "name at least one: [{\"name\": \"Default\", \"vhost\": \"localhost\"}]"));
  CHECK_OR_REFUSE(check_state(api));
  std::vector<Deployment> resolved;
  std::map<std::string, DeployedApi> by_environment;
  for (const Deployment& target : targets) {
    ASSIGN_OR_REFUSE(Deployment deployment, resolve(tx, api.tenant, target));
    by_environment[deployment.environment].vhosts.push_back(deployment.vhost);
    resolved.push_back(std::move(deployment));
  }
  for (auto& [environment, deployed] : by_environment) {
    ASSIGN_OR_REFUSE(deployed.api, read_revision(api, revision));
    deployed.revision_number = revision.number;
    CHECK_OR_REFUSE(check(context, tx, deployed, environment));
  }
  return store::deployments::deploy(tx, api.tenant, api.uuid, revision.uuid, std::move(resolved));
}

Result<std::vector<Deployed>> list(Context& context, const Caller& caller,
                                   const std::string& api_uuid) {
  return look(context, caller, permissions::kRevisionView,
              [&](Transaction& tx) -> Result<std::vector<Deployed>> {
                CHECK_OR_REFUSE(store::apis::find(tx, caller.tenant, api_uuid));
                ASSIGN_OR_REFUSE(std::vector<Revision> kept,
                                 rows::list(tx, caller.tenant, api_uuid));
                std::vector<Deployed> all;
                for (Revision& revision : kept) {
                  ASSIGN_OR_REFUSE(Deployed deployed,
                                   with_deployments(tx, caller.tenant, std::move(revision)));
                  all.push_back(std::move(deployed));
                }
                return all;
              });
}

Result<Deployed> get(Context& context, const Caller& caller, const std::string& api_uuid,
                     const std::string& uuid) {
  return look(context, caller, permissions::kRevisionView,
              [&](Transaction& tx) -> Result<Deployed> {
                ASSIGN_OR_REFUSE(Revision revision, rows::find(tx, caller.tenant, api_uuid, uuid));
                return with_deployments(tx, caller.tenant, std::move(revision));
              });
}

Result<Changed<Deployed>> create(Context& context, const Caller& caller,
                                 const std::string& api_uuid, const std::string& description) {
  return change(context, caller, permissions::kRevisionChange,
                [&](Transaction& tx) -> Result<Deployed> {
                  ASSIGN_OR_REFUSE(const Api api, store::apis::find(tx, caller.tenant, api_uuid));
                  ASSIGN_OR_REFUSE(Revision revision, take(tx, caller, api, description, false));
                  return Deployed{std::move(revision), {}};
                });
}

Result<Changed<Nothing>> remove(Context& context, const Caller& caller, const std::string& api_uuid,
                                const std::string& uuid) {
  return change(
      context, caller, permissions::kRevisionChange, [&](Transaction& tx) -> Result<Nothing> {
        ASSIGN_OR_REFUSE(const Api api, store::apis::find(tx, caller.tenant, api_uuid));
        ASSIGN_OR_REFUSE(const Revision revision, rows::find(tx, caller.tenant, api_uuid, uuid));
        CHECK_OR_REFUSE(rows::remove(tx, caller.tenant, api_uuid, uuid));
        CHECK_OR_REFUSE(
            note(tx, caller, "revision.delete",
                 fmt::format("revision {} of {}", revision.number, apis::name_of(api))));
        return Nothing{};
      });
}

Result<std::vector<Deployment>> deployments(Context& context, const Caller& caller,
                                            const std::string& api_uuid) {
  return look(context, caller, permissions::kRevisionView,
              [&](Transaction& tx) -> Result<std::vector<Deployment>> {
                CHECK_OR_REFUSE(store::apis::find(tx, caller.tenant, api_uuid));
                return store::deployments::list(tx, caller.tenant, api_uuid);
              });
}

Result<Changed<std::vector<Deployment>>> deploy(Context& context, const Caller& caller,
                                                const std::string& api_uuid,
                                                const std::string& uuid,
                                                const std::vector<Deployment>& targets) {
  return change(context, caller, permissions::kDeploy,
                [&](Transaction& tx) -> Result<std::vector<Deployment>> {
                  ASSIGN_OR_REFUSE(const Api api, store::apis::find(tx, caller.tenant, api_uuid));
                  ASSIGN_OR_REFUSE(const Revision revision,
                                   rows::find(tx, caller.tenant, api_uuid, uuid));
                  ASSIGN_OR_REFUSE(auto placed, place(context, tx, api, revision, targets));
                  CHECK_OR_REFUSE(
                      note(tx, caller, "api.deploy",
                           fmt::format("revision {} of {}", revision.number, apis::name_of(api))));
                  return placed;
                });
}

Result<Changed<std::vector<Deployment>>> undeploy(Context& context, const Caller& caller,
                                                  const std::string& api_uuid,
                                                  const Undeploy& undeploy) {
  return change(
      context, caller, permissions::kUndeploy,
      [&](Transaction& tx) -> Result<std::vector<Deployment>> {
        ASSIGN_OR_REFUSE(const Api api, store::apis::find(tx, caller.tenant, api_uuid));
        std::string uuid = undeploy.revision_uuid;
        if (undeploy.number) {
          ASSIGN_OR_REFUSE(const Revision revision,
                           rows::find_by_number(tx, caller.tenant, api_uuid, *undeploy.number));
          uuid = revision.uuid;
        } else if (!uuid.empty()) {
          CHECK_OR_REFUSE(rows::find(tx, caller.tenant, api_uuid, uuid));
        }
        std::vector<store::deployments::Where> places = undeploy.places;
        if (undeploy.everywhere) places = {{}};
        std::vector<Deployment> removed;
        for (store::deployments::Where& where : places) {
          where.revision_uuid = uuid;
          ASSIGN_OR_REFUSE(auto gone,
                           store::deployments::undeploy(tx, caller.tenant, api_uuid, where));
          removed.insert(removed.end(), gone.begin(), gone.end());
        }
        CHECK_OR_REFUSE(note(tx, caller, "api.undeploy", apis::name_of(api)));
        return removed;
      });
}

}  // namespace apim::service::revisions
