// Deployments: which revision of an API serves which environment, on which of its vhosts.

#pragma once

#include <string>
#include <vector>

#include "model/api.h"
#include "store/transaction.h"

namespace apim::store::deployments {

// Deploys one revision. In every environment named, it replaces whatever of this API was there;
// other environments stay. Empty vhost = the environment's first. Refuses an unknown environment
// (404, 900506), an unknown vhost (400), an unknown revision (404). Notes the change.
// Answers the rows as stored (deployed_ms, vhost filled in).
Result<std::vector<model::Deployment>> deploy(Transaction& tx, const std::string& tenant,
                                              const std::string& api_uuid,
                                              const std::string& revision_uuid,
                                              std::vector<model::Deployment> targets);

struct Where {
  std::string revision_uuid = {};  // "" = any
  std::string environment = {};    // "" = every
  std::string vhost = {};          // "" = every
};
// Answers what was removed; nothing there is not an error. Notes the change.
Result<std::vector<model::Deployment>> undeploy(Transaction& tx, const std::string& tenant,
                                                const std::string& api_uuid, const Where& where);

Result<std::vector<model::Deployment>> list(Transaction& tx, const std::string& tenant,
                                            const std::string& api_uuid);
Result<std::vector<model::Deployment>> list_of_revision(Transaction& tx, const std::string& tenant,
                                                        const std::string& revision_uuid);
// Whether the portal shows it; gateways do not care.
Result<void> show(Transaction& tx, const std::string& tenant, const model::Deployment& deployment);

}  // namespace apim::store::deployments
