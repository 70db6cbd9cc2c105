// Revisions: immutable copies of an API, and where they are deployed. Nothing else reaches a
// gateway.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/api.h"
#include "service/context.h"
#include "store/deployments.h"

namespace apim::service::revisions {

constexpr uint32_t kRevisionsMax = 5;  // of one API; WSO2's limit (900351)

struct Deployed {
  model::Revision revision;
  std::vector<model::Deployment> deployments;
};

Result<std::vector<Deployed>> list(Context& context, const Caller& caller,
                                   const std::string& api_uuid);
Result<Deployed> get(Context& context, const Caller& caller, const std::string& api_uuid,
                     const std::string& uuid);
Result<Changed<Deployed>> create(Context& context, const Caller& caller,
                                 const std::string& api_uuid, const std::string& description);
// 409 while deployed.
Result<Changed<Nothing>> remove(Context& context, const Caller& caller, const std::string& api_uuid,
                                const std::string& uuid);

Result<std::vector<model::Deployment>> deployments(Context& context, const Caller& caller,
                                                   const std::string& api_uuid);
// Only what would be served completely: anything else is refused with every finding (400).
Result<Changed<std::vector<model::Deployment>>> deploy(
    Context& context, const Caller& caller, const std::string& api_uuid, const std::string& uuid,
    const std::vector<model::Deployment>& targets);

struct Undeploy {
  std::string revision_uuid;       // or
  std::optional<uint32_t> number;  // "Revision 3"
  bool everywhere = false;
  std::vector<store::deployments::Where> places;  // unless everywhere
};
Result<Changed<std::vector<model::Deployment>>> undeploy(Context& context, const Caller& caller,
                                                         const std::string& api_uuid,
                                                         const Undeploy& undeploy);

// ---- for import, inside its transaction

// The next revision of the working copy; the oldest makes room when `rotate`, else 400 (900351).
Result<model::Revision> take(Transaction& tx, const Caller& caller, const model::Api& api,
                             const std::string& description, bool rotate);
Result<std::vector<model::Deployment>> place(Context& context, Transaction& tx,
                                             const model::Api& api, const model::Revision& revision,
                                             const std::vector<model::Deployment>& targets);

}  // namespace apim::service::revisions
