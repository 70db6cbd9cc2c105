#include "store/revisions.h"

#include <nlohmann/json.hpp>

#include "model/api_codec.h"
#include "store/apis.h"
#include "store/projection.h"

namespace apim::store::revisions {
namespace {

Result<std::vector<model::Revision>> select(Transaction& tx, const std::string& api_uuid,
                                            const std::string& condition,
                                            const std::vector<Value>& values, bool with_content) {
  std::vector<model::Revision> found;
  const std::string content = with_content ? "document, definition" : "'', ''";
  CHECK_OR_REFUSE(
      (tx.each<std::string, int64_t, std::string, int64_t, std::string, std::string, std::string>(
          "SELECT revision_uuid, id, description, created_time, created_by, " + content +
              " FROM am_revision WHERE " + condition + " ORDER BY id",
          values,
          [&](std::string uuid, int64_t number, std::string description, int64_t created_ms,
              std::string user, std::string document, std::string definition) {
            found.push_back({.uuid = std::move(uuid),
                             .api_uuid = api_uuid,
                             .number = static_cast<uint32_t>(number),
                             .description = std::move(description),
                             .created_ms = created_ms,
                             .created_by = std::move(user),
                             .document = std::move(document),
                             .definition = std::move(definition)});
          })));
  return found;
}

Problem no_revision(const std::string& which) {
  return model::not_found(900347, "revision '" + which + "' of this API");
}

}  // namespace

Result<model::Revision> create(Transaction& tx, const std::string& tenant,
                               const std::string& api_uuid, const std::string& description,
                               const std::string& user) {
  ASSIGN_OR_REFUSE(const model::Api api, apis::find(tx, tenant, api_uuid));
  ASSIGN_OR_REFUSE(const int64_t number,
                   tx.number("UPDATE am_api SET revisions_created = revisions_created + 1 WHERE "
                             "api_id = ? RETURNING revisions_created",
                             {int64_t{api.id}}));
  model::Revision revision{.uuid = new_uuid(),
                           .api_uuid = api_uuid,
                           .number = static_cast<uint32_t>(number),
                           .description = description,
                           .created_ms = tx.now_ms(),
                           .created_by = user,
                           .document = model::write_api(api).dump(),
                           .definition = api.definition};
  CHECK_OR_REFUSE(
      tx.run("INSERT INTO am_revision (revision_uuid, api_id, organization, id, description, "
             "created_time, created_by, is_default_version, document, definition) VALUES "
             "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
             {revision.uuid, int64_t{api.id}, tenant, number, description, revision.created_ms,
              user, int64_t{api.is_default_version}, revision.document, revision.definition}));
  CHECK_OR_REFUSE(projection::write(tx, api, revision.uuid));
  return revision;
}

Result<model::Revision> find(Transaction& tx, const std::string& tenant,
                             const std::string& api_uuid, const std::string& uuid) {
  ASSIGN_OR_REFUSE(const uint32_t id, apis::id_of(tx, tenant, api_uuid));
  ASSIGN_OR_REFUSE(auto found, select(tx, api_uuid, "api_id = ? AND revision_uuid = ?",
                                      {int64_t{id}, uuid}, true));
  if (found.empty()) return model::refuse(no_revision(uuid));
  return std::move(found.front());
}

Result<model::Revision> find_by_number(Transaction& tx, const std::string& tenant,
                                       const std::string& api_uuid, uint32_t number) {
  ASSIGN_OR_REFUSE(const uint32_t api_id, apis::id_of(tx, tenant, api_uuid));
  ASSIGN_OR_REFUSE(auto found, select(tx, api_uuid, "api_id = ? AND id = ?",
                                      {int64_t{api_id}, int64_t{number}}, true));
  if (found.empty()) return model::refuse(no_revision(std::to_string(number)));
  return std::move(found.front());
}

Result<std::vector<model::Revision>> list(Transaction& tx, const std::string& tenant,
                                          const std::string& api_uuid) {
  ASSIGN_OR_REFUSE(const uint32_t id, apis::id_of(tx, tenant, api_uuid));
  return select(tx, api_uuid, "api_id = ?", {int64_t{id}}, false);
}

Result<uint32_t> count(Transaction& tx, const std::string& tenant, const std::string& api_uuid) {
  ASSIGN_OR_REFUSE(const uint32_t id, apis::id_of(tx, tenant, api_uuid));
  ASSIGN_OR_REFUSE(const int64_t found,
                   tx.number("SELECT COUNT(*) FROM am_revision WHERE api_id = ?", {int64_t{id}}));
  return static_cast<uint32_t>(found);
}

Result<void> remove(Transaction& tx, const std::string& tenant, const std::string& api_uuid,
                    const std::string& uuid) {
  ASSIGN_OR_REFUSE(const model::Revision revision, find(tx, tenant, api_uuid, uuid));
  ASSIGN_OR_REFUSE(const uint32_t api_id, apis::id_of(tx, tenant, api_uuid));
  ASSIGN_OR_REFUSE(
      const auto deployed,
      (tx.first<std::string>("SELECT name FROM am_deployment_revision_mapping WHERE revision_uuid "
                             "= ? ORDER BY name LIMIT 1",
                             {uuid})));
  if (deployed) {
    return model::refuse(model::bad_request(900348, "Can not delete API Revision",
                                            "Revision " + std::to_string(revision.number) +
                                                " is deployed to '" + std::get<0>(*deployed) +
                                                "'; undeploy it first"));
  }
  CHECK_OR_REFUSE(projection::erase(tx, api_id, uuid));
  CHECK_OR_REFUSE(tx.run("DELETE FROM am_revision WHERE api_id = ? AND revision_uuid = ?",
                         {int64_t{api_id}, uuid}));
  return {};
}

}  // namespace apim::store::revisions
