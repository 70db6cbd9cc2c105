// Apis: the publisher's verbs on working copies. Gateways see none of this before a revision is
// deployed.

#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "import/project.h"
#include "model/api.h"
#include "service/context.h"
#include "store/apis.h"

namespace apim::service::apis {

Result<store::Listing<model::Api>> list(Context& context, const Caller& caller,
                                        const store::apis::Filter& filter);
// Of those the portal shows: PUBLISHED, PROTOTYPED and, to who has it already, DEPRECATED. For
// anybody.
Result<store::Listing<model::Api>> list_published(Context& context, const Caller& caller,
                                                  store::apis::Filter filter);

Result<model::Api> get(Context& context, const Caller& caller, const std::string& uuid,
                       const Permission& permission = permissions::kApiView);
Result<model::Api> get_published(Context& context, const Caller& caller, const std::string& uuid);

// `document` is WSO2's API document. Created by the caller in state CREATED, whatever it says.
// 409: 900250 name and version, 900251 context. 400 lists every finding.
Result<Changed<model::Api>> create(Context& context, const Caller& caller,
                                   const nlohmann::json& document);
// The same for what import-openapi made of a definition.
Result<Changed<model::Api>> create(Context& context, const Caller& caller,
                                   const import::Project& project);
// Name, version, context and provider stay (400 when the document says otherwise), lifecycle too.
Result<Changed<model::Api>> update(Context& context, const Caller& caller, const std::string& uuid,
                                   const nlohmann::json& document);
// Replaces the OpenAPI definition; operations follow it.
Result<Changed<model::Api>> define(Context& context, const Caller& caller, const std::string& uuid,
                                   const std::string& definition);
// Undeploys everywhere first. 409 while it has subscriptions.
Result<Changed<Nothing>> remove(Context& context, const Caller& caller, const std::string& uuid);

// "API 'pizza' 1.0.0"
std::string name_of(const model::Api& api);

// Every rule that needs the database: plans and limits that are named must exist and be
// enforceable, endpoints must be allowed. Refuses with all findings.
Result<void> check_references(Context& context, Transaction& tx, const model::Api& api);
// Stores a new API and makes it the only default version when it says so.
Result<model::Api> insert(Context& context, Transaction& tx, const Caller& caller, model::Api api);
Result<model::Api> replace(Context& context, Transaction& tx, const model::Api& stored,
                           model::Api api);

}  // namespace apim::service::apis
