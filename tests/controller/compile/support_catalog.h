// SupportCatalog: small catalogs for the compiler's tests, and readable answers about what came of
// them.

#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "compile/check.h"
#include "compile/compile.h"
#include "compile/dump.h"
#include "model/catalog.h"

namespace apim::compile::support {

constexpr int64_t kNow = 1'700'000'000;

// Shipped policies with ids from 1 on, nothing else.
model::Catalog empty_catalog();

// "pizza" 1.0.0 as API 1 at /pizza/1.0.0 on localhost: GET /menu, api_key, one production endpoint.
model::DeployedApi pizza(uint32_t id = 1);

model::Operation operation(model::Verb verb, const std::string& target);
model::OperationPolicy policy(const std::string& name, const std::string& version,
                              std::map<std::string, std::string> parameters);

// An application with id `id`, approved, unlimited.
model::Application application(uint32_t id);
model::Subscription subscription(uint32_t application_id, uint32_t api_id,
                                 const std::string& tier = "Gold");
// A key whose digest is SHA-256 of `text`.
model::ApiKey key(uint32_t application_id, const std::string& text);

model::DenyCondition deny(model::DenyCondition::Kind kind, const std::string& value,
                          const std::string& last = "");

uint32_t policy_id(const model::Catalog& catalog, model::PolicyLevel level,
                   const std::string& name);

// Segments of one compilation, readable by digest.
class Files {
 public:
  void add(const Compiled& compiled);
  SegmentReader reader() const;

 private:
  std::map<layout::Digest, std::string> bytes_;
};

nlohmann::json dumped(const model::Catalog& catalog);

// Findings as "where: message", of check_api() with the catalog's policies and vhost "localhost".
std::vector<std::string> findings_of(const model::DeployedApi& deployed);
std::vector<std::string> lines_of(const std::vector<Finding>& findings);

}  // namespace apim::compile::support
