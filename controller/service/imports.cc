#include "service/imports.h"

#include <fmt/format.h>

#include "service/apis.h"
#include "service/lifecycle.h"
#include "service/revisions.h"
#include "store/apis.h"

namespace apim::service::imports {
namespace {

using model::Api;

constexpr int kCodeExists = 900250;
constexpr int kCodeOtherProvider = 900253;
constexpr int kCodeOtherTenant = 900908;

// "bob@foo.com" -> "foo.com"
std::string tenant_of(const std::string& user) {
  const size_t at = user.rfind('@');
  return at == std::string::npos ? "carbon.super" : user.substr(at + 1);
}

Result<std::string> provider_of(const Caller& caller, const Api& api, bool preserve) {
  if (!preserve || api.provider.empty()) return caller.user;
  if (tenant_of(api.provider) == caller.tenant) return api.provider;
  return model::refuse(
      {.http_status = 403,
       .code = kCodeOtherTenant,
       .message = "Tenant mismatch",
       .description = fmt::format("the provider '{}' is not of the tenant '{}'; import with "
                                  "preserveProvider=false",
                                  api.provider, caller.tenant)});
}

Result<void> check_versions(Transaction& tx, const Api& api) {
  ASSIGN_OR_REFUSE(const std::vector<Api> versions,
                   store::apis::versions(tx, api.tenant, api.name));
  for (const Api& version : versions) {
    if (version.provider == api.provider) continue;
    return model::refuse(model::conflict(
        kCodeOtherProvider, "New API version cannot be created from a different provider",
        fmt::format("{} belongs to '{}', not to '{}'", apis::name_of(version), version.provider,
                    api.provider)));
  }
  return {};
}

struct Stored {
  Api api;
  bool created = false;
};

Result<Stored> store_api(Context& context, Transaction& tx, const Caller& caller,
                         const import::Project& project, const Options& options) {
  Api api = project.api;
  api.tenant = caller.tenant;
  ASSIGN_OR_REFUSE(api.provider, provider_of(caller, api, options.preserve_provider));
  ASSIGN_OR_REFUSE(const auto existing,
                   store::apis::find_by_name(tx, caller.tenant, api.name, api.version));
  if (!existing) {
    CHECK_OR_REFUSE(check_versions(tx, api));
    ASSIGN_OR_REFUSE(Api stored, apis::insert(context, tx, caller, std::move(api)));
    return Stored{std::move(stored), true};
  }
  if (!options.overwrite) {
    return model::refuse(model::conflict(
        kCodeExists, "The API already exists",
        fmt::format("{} exists; import with overwrite=true to update it", apis::name_of(api))));
  }
  ASSIGN_OR_REFUSE(Api stored, apis::replace(context, tx, *existing, std::move(api)));
  CHECK_OR_REFUSE(note(tx, caller, "api.update", apis::name_of(stored)));
  return Stored{std::move(stored), false};
}

std::vector<model::Deployment> targets_of(const import::Project& project) {
  std::vector<model::Deployment> targets;
  for (const import::DeploymentTarget& target : project.deployments) {
    model::Deployment deployment;
    deployment.environment = target.environment;
    deployment.vhost = target.vhost;
    deployment.shown_in_devportal = target.shown_in_devportal;
    targets.push_back(std::move(deployment));
  }
  return targets;
}

Result<Imported> run(Context& context, Transaction& tx, const Caller& caller,
                     const import::Project& project, const Options& options) {
  const model::Lifecycle wanted = project.api.lifecycle;
  ASSIGN_OR_REFUSE(Stored stored, store_api(context, tx, caller, project, options));
  Imported imported;
  imported.created = stored.created;
  imported.warnings = project.warnings;
  ASSIGN_OR_REFUSE(imported.api, lifecycle::walk(tx, caller, std::move(stored.api), wanted));
  if (project.deployments.empty() || wanted == model::Lifecycle::Retired) return imported;
  ASSIGN_OR_REFUSE(
      model::Revision revision,
      revisions::take(tx, caller, imported.api, "Revision created after importing the API",
                      options.rotate_revision));
  ASSIGN_OR_REFUSE(imported.deployments,
                   revisions::place(context, tx, imported.api, revision, targets_of(project)));
  CHECK_OR_REFUSE(
      note(tx, caller, "api.deploy",
           fmt::format("revision {} of {}", revision.number, apis::name_of(imported.api))));
  imported.revision = std::move(revision);
  return imported;
}

}  // namespace

Result<Changed<Imported>> import_project(Context& context, const Caller& caller,
                                         const import::Project& project, const Options& options) {
  std::optional<Imported> tried;  // of a dry run, whose transaction is rolled back by refusing it
  auto done =
      change(context, caller, permissions::kApiImport, [&](Transaction& tx) -> Result<Imported> {
        ASSIGN_OR_REFUSE(Imported imported, run(context, tx, caller, project, options));
        if (!options.dry_run) return imported;
        tried = std::move(imported);
        return model::refuse(
            {.http_status = 200, .code = 0, .message = "dry run", .description = ""});
      });
  if (!done.has_value() && options.dry_run && tried && done.error().http_status == 200)
    return Changed<Imported>{std::move(*tried), 0};
  return done;
}

}  // namespace apim::service::imports
